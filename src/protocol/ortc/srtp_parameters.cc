#include "protocol/ortc/srtp_parameters.h"

#include "base/random.h"

namespace sluice::ortc {

std::string_view to_text(SrtpCryptoSuite suite) {
  switch (suite) {
    case SrtpCryptoSuite::kAeadAes256Gcm:
      return "AEAD_AES_256_GCM";
    case SrtpCryptoSuite::kAeadAes128Gcm:
      return "AEAD_AES_128_GCM";
    case SrtpCryptoSuite::kAesCm128HmacSha1_80:
      return "AES_CM_128_HMAC_SHA1_80";
    case SrtpCryptoSuite::kAesCm128HmacSha1_32:
      return "AES_CM_128_HMAC_SHA1_32";
  }
  return {};
}

std::optional<SrtpCryptoSuite> srtp_crypto_suite(std::string_view name) {
  for (const SrtpCryptoSuite suite : kSrtpCryptoSuites) {
    if (to_text(suite) == name) {
      return suite;
    }
  }
  return std::nullopt;
}

size_t srtp_key_and_salt_size(SrtpCryptoSuite suite) {
  switch (suite) {
    case SrtpCryptoSuite::kAeadAes256Gcm:
      return 32 + 12;  // RFC 7714 section 12
    case SrtpCryptoSuite::kAeadAes128Gcm:
      return 16 + 12;
    case SrtpCryptoSuite::kAesCm128HmacSha1_80:
    case SrtpCryptoSuite::kAesCm128HmacSha1_32:
      return 16 + 14;  // RFC 3711 section 8.2
  }
  return 0;
}

SrtpParameters generate_srtp_parameters(SrtpCryptoSuite suite) {
  SrtpParameters parameters{suite, std::vector<uint8_t>(srtp_key_and_salt_size(suite))};
  random_bytes(parameters.key);
  return parameters;
}

}  // namespace sluice::ortc
