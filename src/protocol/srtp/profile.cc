#include "protocol/srtp/profile.h"

namespace sluice::srtp {

std::string_view profile_name(Profile profile) {
  switch (profile) {
    case Profile::kAesCm128HmacSha1_80:
      return "AES_CM_128_HMAC_SHA1_80";
    case Profile::kAesCm128HmacSha1_32:
      return "AES_CM_128_HMAC_SHA1_32";
    case Profile::kAeadAes128Gcm:
      return "AEAD_AES_128_GCM";
    case Profile::kAeadAes256Gcm:
      return "AEAD_AES_256_GCM";
  }
  return "unknown";
}

std::optional<Profile> profile_from_name(std::string_view name) {
  for (const Profile profile : kProfilePreference) {
    if (profile_name(profile) == name) {
      return profile;
    }
  }
  return std::nullopt;
}

std::optional<Profile> profile_from_id(uint16_t id) {
  for (const Profile profile : kProfilePreference) {
    if (static_cast<uint16_t>(profile) == id) {
      return profile;
    }
  }
  return std::nullopt;
}

}  // namespace sluice::srtp
