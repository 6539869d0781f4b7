// Base64 with the standard alphabet and padding (RFC 4648 section 4), as SRTP keys use it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace sluice::ortc {

[[nodiscard]] std::string encode_base64(Bytes bytes);

/// Nothing when `text` has a foreign character, wrong padding or a length that is no multiple of 4.
/// Unused bits of the last character are ignored.
[[nodiscard]] std::optional<std::vector<uint8_t>> decode_base64(std::string_view text);

}  // namespace sluice::ortc
