// The SRTP protection profiles that Sluice speaks (RFC 5764 section 4.1.2, RFC 7714 section 14.2)
// and every size that follows from them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::srtp {

/// Values are the ids of the DTLS-SRTP protection profile registry.
enum class Profile : uint16_t {
  kAesCm128HmacSha1_80 = 0x0001,
  kAesCm128HmacSha1_32 = 0x0002,
  kAeadAes128Gcm = 0x0007,
  kAeadAes256Gcm = 0x0008,
};

/// Order in which DTLS offers and picks profiles (ortc-model 2.6): GCM costs less than half of
/// AES-CM with HMAC-SHA1.
inline constexpr std::array kProfilePreference = {Profile::kAeadAes256Gcm, Profile::kAeadAes128Gcm,
                                                  Profile::kAesCm128HmacSha1_80,
                                                  Profile::kAesCm128HmacSha1_32};

// The largest sizes over all profiles, for fixed arrays.
inline constexpr size_t kMaxKeySize = 32;
inline constexpr size_t kMaxSaltSize = 14;
inline constexpr size_t kMaxTagSize = 16;
/// HMAC-SHA1 session key of the AES-CM profiles (RFC 3711 section 8.2).
inline constexpr size_t kAuthKeySize = 20;
/// E flag and 31-bit index that follow every SRTCP packet.
inline constexpr size_t kSrtcpIndexSize = 4;

/// True for the AEAD profiles: one pass encrypts and authenticates, and a repeated nonce is fatal.
constexpr bool is_aead(Profile profile) {
  return profile == Profile::kAeadAes128Gcm || profile == Profile::kAeadAes256Gcm;
}

/// Bytes of the master key, and of the session encryption keys.
constexpr size_t key_size(Profile profile) {
  return profile == Profile::kAeadAes256Gcm ? 32 : 16;
}

/// Bytes of the master salt, and of the session salts.
constexpr size_t salt_size(Profile profile) {
  return is_aead(profile) ? 12 : 14;
}

constexpr size_t rtp_tag_size(Profile profile) {
  if (is_aead(profile)) {
    return 16;
  }
  return profile == Profile::kAesCm128HmacSha1_32 ? 4 : 10;
}

/// The 32-bit tag of AES_CM_128_HMAC_SHA1_32 is for RTP only; its RTCP has 80 bits (RFC 5764).
constexpr size_t rtcp_tag_size(Profile profile) {
  return is_aead(profile) ? 16 : 10;
}

/// Bytes by which an RTP packet grows.
constexpr size_t rtp_overhead(Profile profile) {
  return rtp_tag_size(profile);
}

/// Bytes by which an RTCP packet grows.
constexpr size_t rtcp_overhead(Profile profile) {
  return rtcp_tag_size(profile) + kSrtcpIndexSize;
}

/// The name of ortc-model 2.6, e.g. "AEAD_AES_256_GCM".
std::string_view profile_name(Profile profile);

/// The profile with that name, if it is one of ours. Case matters.
std::optional<Profile> profile_from_name(std::string_view name);

/// The profile with that DTLS-SRTP registry id, if it is one of ours.
std::optional<Profile> profile_from_id(uint16_t id);

}  // namespace sluice::srtp
