// Identities: made, written, loaded, refused with a reason.
#include "web/tls.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "web/self_signed.h"

namespace sluice::web {
namespace {

std::string temporary(const std::string& name) {
  return (std::filesystem::temp_directory_path() /
          ("sluice-tls-" + std::to_string(::getpid()) + "-" + name))
      .string();
}

TEST(SelfSigned, CarriesItsNamesAndFingerprint) {
  const auto made =
      make_self_signed({.common_name = "media.example", .names = {"10.0.0.1", "::1", "localhost"}});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->fingerprint.size(), 95u);
  EXPECT_EQ(certificate_fingerprint(made->certificate_pem), made->fingerprint);
  const auto context = make_tls_context({made->certificate_pem, made->private_key_pem});
  ASSERT_TRUE(context) << context.error().message;
  X509* const certificate = SSL_CTX_get0_certificate(context->get());
  EXPECT_EQ(X509_check_host(certificate, "media.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(certificate, "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate, "10.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate, "::1", 0), 1);
  EXPECT_EQ(X509_check_host(certificate, "other.example", 0, 0, nullptr), 0);
  EXPECT_LT(X509_cmp_current_time(X509_get0_notBefore(certificate)), 0);
  EXPECT_GT(X509_cmp_current_time(X509_get0_notAfter(certificate)), 0);
}

TEST(SelfSigned, EachHasItsOwnKey) {
  const auto a = make_self_signed();
  const auto b = make_self_signed();
  ASSERT_TRUE(a && b);
  EXPECT_NE(a->fingerprint, b->fingerprint);
  EXPECT_NE(a->private_key_pem, b->private_key_pem);
}

TEST(SelfSigned, NamesCannotBringOtherExtensionValues) {
  EXPECT_FALSE(make_self_signed({.common_name = "a,DNS:evil.example"}));
  EXPECT_FALSE(make_self_signed({.common_name = ""}));
}

TEST(SelfSigned, FilesLoadAgainAndTheKeyIsPrivate) {
  const auto made = make_self_signed();
  ASSERT_TRUE(made);
  const std::string certificate = temporary("cert.pem");
  const std::string key = temporary("key.pem");
  ASSERT_TRUE(write_pem_files(*made, certificate, key));
  ASSERT_TRUE(write_pem_files(*made, certificate, key));  // replaces
  struct stat info{};
  ASSERT_EQ(::stat(key.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_TRUE(make_tls_context({certificate, key}));
  std::filesystem::remove(certificate);
  std::filesystem::remove(key);
}

TEST(Tls, ErrorsNameTheFileAndTheReason) {
  const auto made = make_self_signed();
  const auto other = make_self_signed();
  ASSERT_TRUE(made && other);
  const std::string garbage = temporary("garbage.pem");
  std::ofstream(garbage) << "not a certificate";

  const auto missing = make_tls_context({"/nowhere/cert.pem", made->private_key_pem});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("/nowhere/cert.pem"), std::string::npos);
  EXPECT_NE(missing.error().message.find("No such file"), std::string::npos);

  const auto not_pem = make_tls_context({made->certificate_pem, garbage});
  ASSERT_FALSE(not_pem);
  EXPECT_NE(not_pem.error().message.find(garbage + ": is not a PEM file"), std::string::npos);

  const auto mismatch = make_tls_context({made->certificate_pem, other->private_key_pem});
  ASSERT_FALSE(mismatch);
  EXPECT_NE(mismatch.error().message.find("does not belong to"), std::string::npos);

  const auto swapped = make_tls_context({made->private_key_pem, made->certificate_pem});
  EXPECT_FALSE(swapped);
  EXPECT_FALSE(make_tls_context({}));
  std::filesystem::remove(garbage);
}

TEST(Tls, ErrorsNeverShowTheKey) {
  const auto made = make_self_signed();
  ASSERT_TRUE(made);
  std::string damaged = made->private_key_pem;
  damaged.resize(damaged.size() / 2);
  const auto context = make_tls_context({made->certificate_pem, damaged});
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().message.find("BEGIN"), std::string::npos);
}

}  // namespace
}  // namespace sluice::web
