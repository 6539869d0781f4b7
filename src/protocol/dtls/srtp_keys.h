// SRTP protection profiles of DTLS-SRTP and the keys that a handshake yields (RFC 5764 sections
// 4.1.2 and 4.2, RFC 7714 section 14.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace sluice::dtls {

/// Values are those of the IANA "DTLS-SRTP Protection Profiles" registry.
enum class SrtpProfile : uint16_t {
  kAes128CmSha1_80 = 0x0001,
  kAes128CmSha1_32 = 0x0002,
  kAeadAes128Gcm = 0x0007,
  kAeadAes256Gcm = 0x0008,
};

/// Nothing when `id` is not one of the profiles above.
std::optional<SrtpProfile> srtp_profile_of(uint16_t id);

struct SrtpKeySizes {
  size_t key;   ///< bytes of a master key
  size_t salt;  ///< bytes of a master salt

  /// Bytes to export: both sides' keys and salts.
  [[nodiscard]] constexpr size_t exported() const { return 2 * (key + salt); }
};

SrtpKeySizes srtp_key_sizes(SrtpProfile profile);

/// Key bytes of up to 32 octets (the key of AES-256) that are overwritten when they go away.
class SrtpSecret {
 public:
  static constexpr size_t kCapacity = 32;

  SrtpSecret() = default;
  /// Takes at most kCapacity bytes.
  explicit SrtpSecret(Bytes bytes);
  SrtpSecret(const SrtpSecret&) = default;
  SrtpSecret& operator=(const SrtpSecret&) = default;
  ~SrtpSecret();

  [[nodiscard]] Bytes bytes() const { return {bytes_.data(), size_}; }

 private:
  std::array<uint8_t, kCapacity> bytes_{};
  size_t size_ = 0;
};

/// The master keys of one transport. "Local" protects what we send, "remote" what we receive.
struct SrtpKeys {
  SrtpProfile profile = SrtpProfile::kAeadAes128Gcm;
  SrtpSecret local_key;
  SrtpSecret local_salt;
  SrtpSecret remote_key;
  SrtpSecret remote_salt;
};

/// Splits keying material of `srtp_key_sizes(profile).exported()` bytes, laid out as client key,
/// server key, client salt, server salt (RFC 5764 section 4.2), by our role in the handshake.
SrtpKeys split_srtp_keys(SrtpProfile profile, Bytes exported, bool we_are_client);

}  // namespace sluice::dtls
