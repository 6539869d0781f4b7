// The certificate and private key with which this server proves itself in DTLS (media-plane 3.1).
// Self-signed: peers do not check who issued it, they compare its fingerprint.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/dtls/fingerprint.h"
#include "protocol/dtls/openssl_ptr.h"

namespace sluice::dtls {

/// Immutable after creation; may be read from several threads.
class Certificate {
 public:
  /// A new ECDSA P-256 key and an X.509 v3 certificate signed by itself with SHA-256, with a random
  /// serial number, valid from one day before `now` (peers' clocks differ) until one year after.
  static Result<Certificate> generate(std::chrono::system_clock::time_point now);

  /// The first certificate and the private key (RSA or ECDSA, not encrypted) in two PEM texts.
  /// Type errors when either cannot be read or when they do not belong together. Further
  /// certificates of a chain are not used: the fingerprint covers only the first.
  static Result<Certificate> from_pem(std::string_view certificate_pem, std::string_view key_pem);

  /// In the order sha-1, sha-224, sha-384, sha-512, sha-256: mediasoup-client takes the last one,
  /// and every browser knows sha-256 (ortc-model 1.7).
  [[nodiscard]] const std::vector<Fingerprint>& fingerprints() const { return fingerprints_; }

  [[nodiscard]] std::string pem() const;
  [[nodiscard]] x509_st* native() const { return certificate_.get(); }
  [[nodiscard]] evp_pkey_st* native_key() const { return key_.get(); }

 private:
  Certificate(OpenSslPtr<x509_st> certificate, OpenSslPtr<evp_pkey_st> key);

  OpenSslPtr<x509_st> certificate_;
  OpenSslPtr<evp_pkey_st> key_;
  std::vector<Fingerprint> fingerprints_;
};

/// The DER form of a certificate; empty for null.
std::vector<uint8_t> certificate_der(const x509_st* certificate);
/// The PEM form of a certificate; empty for null.
std::string certificate_pem(const x509_st* certificate);

}  // namespace sluice::dtls
