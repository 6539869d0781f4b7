#include "protocol/ortc/scalability_mode.h"

namespace sluice::ortc {
namespace {

/// Takes a number 1..99 without leading zero from the front of `text`; 0 when there is none.
uint8_t take_layer_count(std::string_view& text) {
  const auto is_digit = [&](size_t i) {
    return i < text.size() && text[i] >= '0' && text[i] <= '9';
  };
  if (!is_digit(0) || text[0] == '0') {
    return 0;
  }
  int count = text[0] - '0';
  if (is_digit(1)) {
    count = count * 10 + (text[1] - '0');
  }
  text.remove_prefix(is_digit(1) ? 2 : 1);
  return static_cast<uint8_t>(count);
}

}  // namespace

ScalabilityMode parse_scalability_mode(std::string_view text) {
  if (!text.starts_with('L') && !text.starts_with('S')) {
    return {};
  }
  text.remove_prefix(1);
  const uint8_t spatial = take_layer_count(text);
  if (spatial == 0 || !text.starts_with('T')) {
    return {};
  }
  text.remove_prefix(1);
  const uint8_t temporal = take_layer_count(text);
  if (temporal == 0) {
    return {};
  }
  return {spatial, temporal, text.starts_with("_KEY")};
}

}  // namespace sluice::ortc
