// Certificates and their fingerprints (media-plane 3.1, 3.6).
#include "protocol/dtls/certificate.h"

#include <gtest/gtest.h>
#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>

#include "protocol/dtls/context.h"

namespace sluice::dtls {
namespace {

using std::chrono::system_clock;

std::string key_pem(const Certificate& certificate) {
  const OpenSslPtr<bio_st> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), certificate.native_key(), nullptr, nullptr, 0, nullptr,
                           nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

Certificate generate() {
  return Certificate::generate(system_clock::now()).value();
}

TEST(Certificate, IsASelfSignedP256OneForAYear) {
  const auto now = system_clock::from_time_t(1'800'000'000);
  const Certificate certificate = Certificate::generate(now).value();
  X509* x509 = certificate.native();
  EXPECT_EQ(X509_get_version(x509), 2);
  EXPECT_EQ(X509_verify(x509, certificate.native_key()), 1);
  EXPECT_EQ(EVP_PKEY_get_base_id(certificate.native_key()), EVP_PKEY_EC);
  EXPECT_EQ(EVP_PKEY_get_bits(certificate.native_key()), 256);
  EXPECT_EQ(X509_get_signature_nid(x509), NID_ecdsa_with_SHA256);
  EXPECT_EQ(X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)), 0);
  EXPECT_EQ(ASN1_TIME_cmp_time_t(X509_get0_notBefore(x509), 1'800'000'000 - 86400), 0);
  EXPECT_EQ(ASN1_TIME_cmp_time_t(X509_get0_notAfter(x509), 1'800'000'000 + 365 * 86400), 0);
}

TEST(Certificate, DiffersEveryTime) {
  const Certificate a = generate();
  const Certificate b = generate();
  EXPECT_NE(a.fingerprints(), b.fingerprints());
  EXPECT_NE(
      ASN1_INTEGER_cmp(X509_get0_serialNumber(a.native()), X509_get0_serialNumber(b.native())), 0);
}

TEST(Certificate, PublishesAllFingerprintsWithSha256Last) {
  const Certificate certificate = generate();
  std::vector<std::string> names;
  for (const Fingerprint& fingerprint : certificate.fingerprints()) {
    names.emplace_back(to_string(fingerprint.algorithm));
    EXPECT_EQ(fingerprint.value.size(), digest_size(fingerprint.algorithm));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"sha-1", "sha-224", "sha-384", "sha-512", "sha-256"}));
}

TEST(Certificate, SurvivesPem) {
  const Certificate certificate = generate();
  const Result<Certificate> again = Certificate::from_pem(certificate.pem(), key_pem(certificate));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->fingerprints(), certificate.fingerprints());
}

TEST(Certificate, RefusesAKeyOfAnotherCertificate) {
  const Certificate a = generate();
  const Certificate b = generate();
  const Result<Certificate> mixed = Certificate::from_pem(a.pem(), key_pem(b));
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().kind, ErrorKind::kType);
}

TEST(Certificate, RefusesUnreadablePem) {
  const Certificate certificate = generate();
  const std::string key = key_pem(certificate);
  EXPECT_EQ(Certificate::from_pem("", key).error().kind, ErrorKind::kType);
  EXPECT_EQ(Certificate::from_pem("-----BEGIN", key).error().kind, ErrorKind::kType);
  EXPECT_EQ(Certificate::from_pem(certificate.pem(), "").error().kind, ErrorKind::kType);
  EXPECT_EQ(Certificate::from_pem(certificate.pem(), certificate.pem()).error().kind,
            ErrorKind::kType);
}

TEST(Certificate, RefusesAnEncryptedKeyWithoutAsking) {
  const Certificate certificate = generate();
  const OpenSslPtr<bio_st> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), certificate.native_key(), EVP_aes_128_cbc(), nullptr, 0,
                           nullptr, const_cast<char*>("secret"));
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  EXPECT_FALSE(Certificate::from_pem(certificate.pem(), {text, static_cast<size_t>(size)}));
}

TEST(Certificate, RefusesOtherKindsOfKeys) {
  const OpenSslPtr<evp_pkey_st> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const OpenSslPtr<bio_st> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  EXPECT_EQ(Certificate::from_pem(generate().pem(), {text, static_cast<size_t>(size)}).error().kind,
            ErrorKind::kType);
}

TEST(Fingerprint, OfKnownText) {
  // FIPS 180 example "abc".
  EXPECT_EQ(Fingerprint::of(HashAlgorithm::kSha1, as_bytes("abc")).text(),
            "A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D");
  EXPECT_EQ(Fingerprint::of(HashAlgorithm::kSha256, as_bytes("abc")).text(),
            "BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:"
            "F2:00:15:AD");
}

TEST(Fingerprint, IsReadInAnyCase) {
  const Fingerprint fingerprint = Fingerprint::of(HashAlgorithm::kSha224, as_bytes("abc"));
  std::string lower = fingerprint.text();
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return static_cast<char>(std::tolower(c)); });
  EXPECT_EQ(Fingerprint::parse("sha-224", fingerprint.text()), fingerprint);
  EXPECT_EQ(Fingerprint::parse("sha-224", lower), fingerprint);
  EXPECT_EQ(Fingerprint::parse("SHA-224", lower), fingerprint);
}

TEST(Fingerprint, OfAnUnknownAlgorithmIsATypeError) {
  const std::string value = Fingerprint::of(HashAlgorithm::kSha256, as_bytes("abc")).text();
  for (const char* name : {"", "sha-256000", "sha256", "md5", "sha-257", "sha-25"}) {
    const Result<Fingerprint> result = Fingerprint::parse(name, value);
    ASSERT_FALSE(result) << name;
    EXPECT_EQ(result.error().kind, ErrorKind::kType);
  }
}

TEST(Fingerprint, MalformedIsATypeError) {
  const std::string good = Fingerprint::of(HashAlgorithm::kSha1, as_bytes("abc")).text();
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(Fingerprint::parse("sha-1", good.substr(0, length))) << length;
  }
  EXPECT_FALSE(Fingerprint::parse("sha-1", good + ":00"));
  EXPECT_FALSE(Fingerprint::parse("sha-256", good));
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = good[i] == ':' ? '-' : 'G';
    const Result<Fingerprint> result = Fingerprint::parse("sha-1", bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().kind, ErrorKind::kType);
  }
}

TEST(Fingerprint, NoneAnnouncedMatchesNothing) {
  EXPECT_FALSE(matches({}, as_bytes("abc")));
}

TEST(Fingerprint, AnyOfTheStrongestAnnouncedMayMatch) {
  const Fingerprint weak = Fingerprint::of(HashAlgorithm::kSha1, as_bytes("abc"));
  const Fingerprint strong = Fingerprint::of(HashAlgorithm::kSha512, as_bytes("abc"));
  Fingerprint other = strong;
  other.value.back() ^= 0x80;
  EXPECT_TRUE(matches(std::vector{weak}, as_bytes("abc")));
  EXPECT_TRUE(matches(std::vector{other, weak, strong}, as_bytes("abc")));
  EXPECT_FALSE(matches(std::vector{weak, other}, as_bytes("abc")));
  EXPECT_FALSE(matches(std::vector{strong}, as_bytes("abd")));
}

TEST(Context, RefusesAWeakRsaKey) {
  const OpenSslPtr<evp_pkey_st> key(EVP_RSA_gen(1024));
  const OpenSslPtr<x509_st> x509(X509_new());
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
  X509_set_pubkey(x509.get(), key.get());
  X509_sign(x509.get(), key.get(), EVP_sha256());
  const OpenSslPtr<bio_st> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  Result<Certificate> certificate =
      Certificate::from_pem(certificate_pem(x509.get()), {text, static_cast<size_t>(size)});
  ASSERT_TRUE(certificate);
  const auto context = Context::create(std::move(*certificate));
  ASSERT_FALSE(context);
  EXPECT_FALSE(context.error().message.empty());
}

}  // namespace
}  // namespace sluice::dtls
