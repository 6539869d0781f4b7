// Session keys from the master key (RFC 3711 section 4.3 with the key derivation rate 0; RFC 7714
// section 12 for the AEAD profiles). Happens once per transport and direction.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "protocol/srtp/profile.h"
#include "protocol/srtp/secret.h"

namespace sluice::srtp {

/// What protects one kind of packet (RTP or RTCP) in one direction.
struct SessionKey {
  SecretBytes<kMaxKeySize> cipher;
  SecretBytes<kMaxSaltSize> salt;
  SecretBytes<kAuthKeySize> auth;  ///< empty under the AEAD profiles
};

/// The keys of one direction of one transport. All its SSRCs share them.
struct SessionKeys {
  Profile profile = Profile::kAeadAes256Gcm;
  SessionKey rtp;
  SessionKey rtcp;
};

/// Labels of the key derivation function (RFC 3711 section 4.3.2).
enum class KeyLabel : uint8_t {
  kRtpCipher = 0,
  kRtpAuth = 1,
  kRtpSalt = 2,
  kRtcpCipher = 3,
  kRtcpAuth = 4,
  kRtcpSalt = 5,
};

/// Fills `out` with the AES-CM pseudo-random function of one label. `key` has 16 or 32 bytes; a
/// salt of less than 14 bytes counts as padded with zeros on the right. Returns false when the
/// sizes are wrong or the cipher fails.
bool derive_key(Bytes key, Bytes salt, KeyLabel label, MutableBytes out);

/// All session keys of one direction. Error: `key` or `salt` has the wrong size for `profile`.
Result<SessionKeys> derive_session_keys(Profile profile, Bytes key, Bytes salt);

}  // namespace sluice::srtp
