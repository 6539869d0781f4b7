#include "protocol/ortc/red.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace sluice::ortc {
namespace {

/// From "111/111"; empty for other texts.
std::vector<PayloadType> parse_payload_types(std::string_view text) {
  std::vector<PayloadType> types;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    uint8_t type = 0;
    const auto [next, error] = std::from_chars(at, end, type);
    const bool last = next == end;
    if (error != std::errc{} || type > 127 || (!last && (*next != '/' || next + 1 == end))) {
      return {};
    }
    if (std::ranges::find(types, PayloadType{type}) == types.end()) {
      types.emplace_back(type);
    }
    at = last ? end : next + 1;
  }
  return types;
}

}  // namespace

bool is_red(const RtpCodec& codec) {
  return equals_ignoring_case(codec.mime_type, "audio/red");
}

std::vector<PayloadType> red_payload_types(const RtpCodec& codec) {
  for (const ParameterMap::Entry& entry : codec.parameters) {
    const auto* value = std::get_if<std::string>(&entry.value);
    auto types = parse_payload_types(entry.key.empty() && value != nullptr ? *value : entry.key);
    if (!types.empty()) {
      return types;
    }
  }
  return {};
}

ParameterMap red_parameters(PayloadType carried) {
  const std::string type = std::to_string(carried.value);
  return {{type + "/" + type, std::string()}};
}

}  // namespace sluice::ortc
