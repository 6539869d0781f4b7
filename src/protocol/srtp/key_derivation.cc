#include "protocol/srtp/key_derivation.h"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>

namespace sluice::srtp {
namespace {

struct EvpContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

bool derive_all(SessionKeys& keys, Bytes key, Bytes salt) {
  const Profile profile = keys.profile;
  const auto derive = [&](KeyLabel label, MutableBytes out) {
    return derive_key(key, salt, label, out);
  };
  bool ok = derive(KeyLabel::kRtpCipher, keys.rtp.cipher.reserve(key_size(profile))) &&
            derive(KeyLabel::kRtpSalt, keys.rtp.salt.reserve(salt_size(profile))) &&
            derive(KeyLabel::kRtcpCipher, keys.rtcp.cipher.reserve(key_size(profile))) &&
            derive(KeyLabel::kRtcpSalt, keys.rtcp.salt.reserve(salt_size(profile)));
  if (ok && !is_aead(profile)) {
    ok = derive(KeyLabel::kRtpAuth, keys.rtp.auth.reserve(kAuthKeySize)) &&
         derive(KeyLabel::kRtcpAuth, keys.rtcp.auth.reserve(kAuthKeySize));
  }
  return ok;
}

}  // namespace

bool derive_key(Bytes key, Bytes salt, KeyLabel label, MutableBytes out) {
  if ((key.size() != 16 && key.size() != 32) || salt.size() > kMaxSaltSize) {
    return false;
  }
  // x = (label || 48-bit index 0) XOR salt, aligned right in 112 bits: the label meets octet 7 of
  // the salt. The counter mode input is x * 2^16.
  std::array<uint8_t, 16> iv{};
  std::copy(salt.begin(), salt.end(), iv.begin());
  iv[7] ^= static_cast<uint8_t>(label);

  const std::unique_ptr<EVP_CIPHER_CTX, EvpContextFree> context(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* cipher = key.size() == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr();
  std::fill(out.begin(), out.end(), uint8_t{0});
  int written = 0;
  return context &&
         EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(), iv.data()) == 1 &&
         EVP_EncryptUpdate(context.get(), out.data(), &written, out.data(),
                           static_cast<int>(out.size())) == 1;
}

Result<SessionKeys> derive_session_keys(Profile profile, Bytes key, Bytes salt) {
  if (key.size() != key_size(profile) || salt.size() != salt_size(profile)) {
    return type_error(std::string(profile_name(profile)) + " needs a master key of " +
                      std::to_string(key_size(profile)) + " and a salt of " +
                      std::to_string(salt_size(profile)) + " bytes, got " +
                      std::to_string(key.size()) + " and " + std::to_string(salt.size()));
  }
  SessionKeys keys;
  keys.profile = profile;
  if (!derive_all(keys, key, salt)) {
    return generic_error("SRTP key derivation failed");
  }
  return keys;
}

}  // namespace sluice::srtp
