// SRTP parameters of plain and pipe transports: a crypto suite and a master key with its salt,
// exchanged as `{cryptoSuite, keyBase64}` (ortc-model 2.6).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::ortc {

/// In the order of preference with which DTLS-SRTP offers them.
enum class SrtpCryptoSuite : uint8_t {
  kAeadAes256Gcm,
  kAeadAes128Gcm,
  kAesCm128HmacSha1_80,
  kAesCm128HmacSha1_32,
};

inline constexpr std::array kSrtpCryptoSuites{
    SrtpCryptoSuite::kAeadAes256Gcm, SrtpCryptoSuite::kAeadAes128Gcm,
    SrtpCryptoSuite::kAesCm128HmacSha1_80, SrtpCryptoSuite::kAesCm128HmacSha1_32};

/// What a plain transport uses unless told otherwise.
inline constexpr SrtpCryptoSuite kDefaultPlainSrtpCryptoSuite =
    SrtpCryptoSuite::kAesCm128HmacSha1_80;
/// The only suite of pipe transports.
inline constexpr SrtpCryptoSuite kPipeSrtpCryptoSuite = SrtpCryptoSuite::kAeadAes256Gcm;

/// Name in JSON, e.g. "AEAD_AES_256_GCM".
[[nodiscard]] std::string_view to_text(SrtpCryptoSuite suite);
/// The suite of that exact name, if it is known.
[[nodiscard]] std::optional<SrtpCryptoSuite> srtp_crypto_suite(std::string_view name);

/// Bytes of master key and master salt together.
[[nodiscard]] size_t srtp_key_and_salt_size(SrtpCryptoSuite suite);

struct SrtpParameters {
  SrtpCryptoSuite crypto_suite = kDefaultPlainSrtpCryptoSuite;
  std::vector<uint8_t> key;  ///< master key followed by master salt; a secret

  friend bool operator==(const SrtpParameters&, const SrtpParameters&) = default;
};

/// Fresh random key of the right size.
[[nodiscard]] SrtpParameters generate_srtp_parameters(SrtpCryptoSuite suite);

}  // namespace sluice::ortc
