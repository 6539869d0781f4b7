// Text from a peer, made fit for one line of a log.
#pragma once

#include <string>
#include <string_view>

namespace sluice::foundry {

/// Control characters as '?', cut after 80 bytes: nobody outside writes lines of our log.
inline std::string printable(std::string_view text) {
  constexpr size_t kMost = 80;
  std::string shown(text.substr(0, kMost));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      c = '?';
    }
  }
  if (text.size() > kMost) {
    shown += "...";
  }
  return shown;
}

}  // namespace sluice::foundry
