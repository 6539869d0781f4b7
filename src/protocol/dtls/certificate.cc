#include "protocol/dtls/certificate.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <climits>

#include "base/random.h"

namespace sluice::dtls {
namespace {

using std::chrono::system_clock;

constexpr auto kValidBefore = std::chrono::days(1);
constexpr auto kValidAfter = std::chrono::days(365);

/// 127 random bits: positive, and far more than the 64 that public authorities must have.
bool set_random_serial(X509* certificate) {
  std::array<uint8_t, 16> bytes;
  random_bytes(bytes);
  bytes[0] &= 0x7f;
  BIGNUM* number = BN_bin2bn(bytes.data(), bytes.size(), nullptr);
  const bool done = number != nullptr &&
                    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return done;
}

bool add_name(X509_NAME* name, const char* field, const char* text) {
  return X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>(text), -1, -1, 0) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key, system_clock::time_point now) {
  constexpr long kVersion3 = 2;
  X509_NAME* name = X509_get_subject_name(certificate);
  return X509_set_version(certificate, kVersion3) == 1 && set_random_serial(certificate) &&
         ASN1_TIME_set(X509_getm_notBefore(certificate),
                       system_clock::to_time_t(now - kValidBefore)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate),
                       system_clock::to_time_t(now + kValidAfter)) != nullptr &&
         X509_set_pubkey(certificate, key) == 1 && add_name(name, "O", "Sluice") &&
         add_name(name, "CN", "sluice") && X509_set_issuer_name(certificate, name) == 1 &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

OpenSslPtr<bio_st> read_only_bio(std::string_view text) {
  return OpenSslPtr<bio_st>(text.size() > INT_MAX
                                ? nullptr
                                : BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Declines: the library would otherwise ask on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

Certificate::Certificate(OpenSslPtr<x509_st> certificate, OpenSslPtr<evp_pkey_st> key)
    : certificate_(std::move(certificate)), key_(std::move(key)) {
  const std::vector<uint8_t> der = certificate_der(certificate_.get());
  for (const HashAlgorithm algorithm :
       {HashAlgorithm::kSha1, HashAlgorithm::kSha224, HashAlgorithm::kSha384,
        HashAlgorithm::kSha512, HashAlgorithm::kSha256}) {
    fingerprints_.push_back(Fingerprint::of(algorithm, der));
  }
}

Result<Certificate> Certificate::generate(system_clock::time_point now) {
  ERR_clear_error();
  OpenSslPtr<evp_pkey_st> key(EVP_EC_gen("P-256"));
  OpenSslPtr<x509_st> certificate(X509_new());
  if (key == nullptr || certificate == nullptr || !fill(certificate.get(), key.get(), now)) {
    return generic_error("cannot generate a DTLS certificate: " + take_openssl_error());
  }
  return Certificate(std::move(certificate), std::move(key));
}

Result<Certificate> Certificate::from_pem(std::string_view certificate_pem,
                                          std::string_view key_pem) {
  ERR_clear_error();
  const OpenSslPtr<bio_st> certificate_bio = read_only_bio(certificate_pem);
  OpenSslPtr<x509_st> certificate(
      certificate_bio == nullptr
          ? nullptr
          : PEM_read_bio_X509(certificate_bio.get(), nullptr, no_passphrase, nullptr));
  if (certificate == nullptr) {
    return type_error("cannot read the DTLS certificate: " + take_openssl_error());
  }
  const OpenSslPtr<bio_st> key_bio = read_only_bio(key_pem);
  OpenSslPtr<evp_pkey_st> key(
      key_bio == nullptr ? nullptr
                         : PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_passphrase, nullptr));
  if (key == nullptr) {
    return type_error("cannot read the DTLS private key: " + take_openssl_error());
  }
  const int type = EVP_PKEY_get_base_id(key.get());
  if (type != EVP_PKEY_RSA && type != EVP_PKEY_EC) {
    return type_error("the DTLS private key is neither RSA nor ECDSA");
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return type_error("the DTLS private key does not belong to the certificate: " +
                      take_openssl_error());
  }
  return Certificate(std::move(certificate), std::move(key));
}

std::string Certificate::pem() const {
  return certificate_pem(certificate_.get());
}

std::vector<uint8_t> certificate_der(const x509_st* certificate) {
  const int size = certificate == nullptr ? 0 : i2d_X509(certificate, nullptr);
  if (size <= 0) {
    return {};
  }
  std::vector<uint8_t> der(static_cast<size_t>(size));
  unsigned char* end = der.data();
  i2d_X509(certificate, &end);
  return der;
}

std::string certificate_pem(const x509_st* certificate) {
  const OpenSslPtr<bio_st> bio(BIO_new(BIO_s_mem()));
  if (certificate == nullptr || bio == nullptr || PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return {};
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return size <= 0 ? std::string() : std::string(text, static_cast<size_t>(size));
}

}  // namespace sluice::dtls
