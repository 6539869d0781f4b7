#include "dialects/foundry/admission_rules.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <optional>

#include "web/cors.h"

namespace sluice::foundry {
namespace {

/// Takes the same time wherever the two differ; only the length shows.
bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// Number of characters of UTF-8 text (RFC 3629); nothing for malformed text or with control
/// characters in it, which have no place in logs.
std::optional<size_t> count_characters(std::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++count) {
    const auto first = static_cast<unsigned char>(text[i]);
    const size_t length = first < 0x80   ? 1
                          : first < 0xC2 ? 0
                          : first < 0xE0 ? 2
                          : first < 0xF0 ? 3
                          : first < 0xF5 ? 4
                                         : 0;
    if (length == 0 || i + length > text.size() || first < 0x20 || first == 0x7F) {
      return std::nullopt;
    }
    uint32_t code = length == 1 ? first : first & (0x7Fu >> length);
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) {
        return std::nullopt;
      }
      code = code << 6 | (next & 0x3Fu);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    const bool control = code >= 0x80 && code < 0xA0;
    if (overlong || surrogate || control || code > 0x10FFFF) {
      return std::nullopt;
    }
    i += length;
  }
  return count;
}

}  // namespace

Decision decide(const AdmissionRules& rules, const web::Request& request) {
  if (!rules.origins.empty() && !web::origin_allowed(rules.origins, request.header("Origin"))) {
    return {.status = 403, .why = "this origin may not connect here", .room = {}};
  }
  if (!rules.token.empty() && !equal_secrets(rules.token, request.query("token"))) {
    return {.status = 401, .why = "the token is missing or wrong", .room = {}};
  }
  const std::string_view wanted = request.query("room");
  const std::string_view room = wanted.empty() ? kDefaultRoom : wanted;
  const auto characters = count_characters(room);
  if (!characters || *characters > kMaxRoomName) {
    return {.status = 400,
            .why = "room: expected 1 to " + std::to_string(kMaxRoomName) +
                   " characters of UTF-8 text without control characters",
            .room = {}};
  }
  return {.status = 0, .why = {}, .room = std::string(room)};
}

}  // namespace sluice::foundry
