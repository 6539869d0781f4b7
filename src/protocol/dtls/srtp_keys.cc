#include "protocol/dtls/srtp_keys.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace sluice::dtls {

std::optional<SrtpProfile> srtp_profile_of(uint16_t id) {
  switch (static_cast<SrtpProfile>(id)) {
    case SrtpProfile::kAes128CmSha1_80:
    case SrtpProfile::kAes128CmSha1_32:
    case SrtpProfile::kAeadAes128Gcm:
    case SrtpProfile::kAeadAes256Gcm:
      return static_cast<SrtpProfile>(id);
  }
  return std::nullopt;
}

SrtpKeySizes srtp_key_sizes(SrtpProfile profile) {
  switch (profile) {
    case SrtpProfile::kAes128CmSha1_80:
    case SrtpProfile::kAes128CmSha1_32:
      return {16, 14};
    case SrtpProfile::kAeadAes128Gcm:
      return {16, 12};
    case SrtpProfile::kAeadAes256Gcm:
      break;
  }
  return {32, 12};
}

SrtpSecret::SrtpSecret(Bytes bytes) : size_(std::min(bytes.size(), kCapacity)) {
  std::copy_n(bytes.begin(), size_, bytes_.begin());
}

SrtpSecret::~SrtpSecret() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

SrtpKeys split_srtp_keys(SrtpProfile profile, Bytes exported, bool we_are_client) {
  const SrtpKeySizes sizes = srtp_key_sizes(profile);
  ByteReader reader(exported);
  SrtpKeys keys;
  keys.profile = profile;
  // Read as the client sees it, then turn round.
  keys.local_key = SrtpSecret(reader.bytes(sizes.key));
  keys.remote_key = SrtpSecret(reader.bytes(sizes.key));
  keys.local_salt = SrtpSecret(reader.bytes(sizes.salt));
  keys.remote_salt = SrtpSecret(reader.bytes(sizes.salt));
  if (!we_are_client) {
    std::swap(keys.local_key, keys.remote_key);
    std::swap(keys.local_salt, keys.remote_salt);
  }
  return keys;
}

}  // namespace sluice::dtls
