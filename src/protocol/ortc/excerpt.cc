#include "protocol/ortc/excerpt.h"

#include <algorithm>
#include <cstdint>

namespace sluice::ortc {

std::string excerpt(std::string_view text, size_t length) {
  const bool cut = text.size() > length;
  if (cut) {
    while (length > 0 && (static_cast<uint8_t>(text[length]) & 0xC0) == 0x80) {
      --length;
    }
    text = text.substr(0, length);
  }
  std::string result(text);
  std::ranges::replace_if(
      result, [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; }, '?');
  return cut ? result + "…" : result;
}

}  // namespace sluice::ortc
