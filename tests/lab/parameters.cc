#include "lab/parameters.h"

namespace sluice::lab {

namespace bj = boost::json;

Result<std::string> Parameters::text(std::string_view name) const {
  const bj::value* const value = find(name);
  if (value == nullptr || !value->is_string()) {
    return type_error(std::string(name) + " is no text");
  }
  return std::string(value->get_string());
}

Result<int64_t> Parameters::number(std::string_view name) const {
  const bj::value* const value = find(name);
  if (value == nullptr || !value->is_int64()) {
    return type_error(std::string(name) + " is no integer");
  }
  return value->get_int64();
}

std::string Parameters::text_or(std::string_view name, std::string otherwise) const {
  return text(name).value_or(std::move(otherwise));
}

int64_t Parameters::number_or(std::string_view name, int64_t otherwise) const {
  return number(name).value_or(otherwise);
}

bool Parameters::flag_or(std::string_view name, bool otherwise) const {
  const bj::value* const value = find(name);
  return value != nullptr && value->is_bool() ? value->get_bool() : otherwise;
}

}  // namespace sluice::lab
