#include "protocol/ortc/parameter_map.h"

#include <algorithm>

namespace sluice::ortc {

bool is_truthy(const ParameterValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return !text->empty();
  }
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    return *integer != 0;
  }
  return std::get<double>(value) != 0.0;
}

const ParameterValue* ParameterMap::find(std::string_view key) const {
  const auto it = std::ranges::find(entries_, key, &Entry::key);
  return it == entries_.end() ? nullptr : &it->value;
}

std::optional<int64_t> ParameterMap::integer(std::string_view key) const {
  const ParameterValue* value = find(key);
  if (value == nullptr || !std::holds_alternative<int64_t>(*value)) {
    return std::nullopt;
  }
  return std::get<int64_t>(*value);
}

void ParameterMap::set(std::string_view key, ParameterValue value) {
  const auto it = std::ranges::find(entries_, key, &Entry::key);
  if (it == entries_.end()) {
    entries_.push_back({std::string(key), std::move(value)});
  } else {
    it->value = std::move(value);
  }
}

void ParameterMap::append(std::string key, ParameterValue value) {
  entries_.push_back({std::move(key), std::move(value)});
}

void ParameterMap::erase(std::string_view key) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.key == key; });
}

bool operator==(const ParameterMap& a, const ParameterMap& b) {
  return a.size() == b.size() && std::ranges::all_of(a, [&](const ParameterMap::Entry& entry) {
           const ParameterValue* other = b.find(entry.key);
           return other != nullptr && *other == entry.value;
         });
}

}  // namespace sluice::ortc
