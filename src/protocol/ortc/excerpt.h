// Texts from outside inside error messages: short, on one line and still valid UTF-8, since a
// message may travel in a WebSocket text frame, which must not carry anything else.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::ortc {

/// Enough to recognise a value in a log line.
inline constexpr size_t kExcerptLength = 60;

/// The first `length` bytes of UTF-8 `text`, less the character that this would cut, with "…" when
/// anything is missing. Control characters become '?'.
[[nodiscard]] std::string excerpt(std::string_view text, size_t length = kExcerptLength);

}  // namespace sluice::ortc
