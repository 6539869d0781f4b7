#include "web/self_signed.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "base/random.h"
#include "base/socket_address.h"

namespace sluice::web {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= 253 &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-*_") ==
             std::string_view::npos;
}

/// `DNS:name` or `IP:address` in OpenSSL's configuration syntax; nothing for anything else, which
/// could otherwise bring further values into the list.
Result<std::string> alternative_name(const std::string& name) {
  if (const auto ip = IpAddress::parse(name)) {
    return "IP:" + ip->to_string();
  }
  if (is_host_name(name)) {
    return "DNS:" + name;
  }
  return type_error("certificate name \"" + name + "\" is neither a host name nor an IP address");
}

Result<std::string> alternative_names(const SelfSignedOptions& options) {
  auto list = alternative_name(options.common_name);
  for (const std::string& name : options.names) {
    if (!list || name == options.common_name) {
      continue;
    }
    const auto one = alternative_name(name);
    if (!one) {
      return one;
    }
    *list += "," + *one;
  }
  return list;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool fill_certificate(X509* certificate, EVP_PKEY* key, const SelfSignedOptions& options,
                      const std::string& names) {
  constexpr long kDay = 24 * 60 * 60;
  std::array<uint8_t, 16> serial{};
  random_bytes(serial);
  serial[0] &= 0x7f;  // a serial number is positive
  BIGNUM* number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  const bool has_serial = number != nullptr &&
                          BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  X509_NAME* const subject = X509_get_subject_name(certificate);
  return has_serial && X509_set_version(certificate, X509_VERSION_3) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate),
                         static_cast<long>(options.validity.count()) * kDay) != nullptr &&
         X509_set_pubkey(certificate, key) == 1 &&
         X509_NAME_add_entry_by_txt(
             subject, "CN", MBSTRING_UTF8,
             reinterpret_cast<const unsigned char*>(options.common_name.c_str()), -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1 &&
         add_extension(certificate, NID_subject_alt_name, names) &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

std::string fingerprint_of(const X509* certificate) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &length);
  std::string text;
  for (unsigned i = 0; i < length; ++i) {
    if (i > 0) {
      text += ':';
    }
    text += kHex[digest[i] >> 4];
    text += kHex[digest[i] & 15];
  }
  return text;
}

std::unexpected<Error> openssl_failure(const std::string& what) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return generic_error(what + ": " + (reason == nullptr ? "unknown OpenSSL error" : reason));
}

Result<void> write_file(const std::string& path, const std::string& text, mode_t mode) {
  // A fresh file, so that the mode holds from the first byte on.
  ::unlink(path.c_str());
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) {
    return generic_error(path + ": cannot be written: " + std::strerror(errno));
  }
  const ssize_t written = ::write(file, text.data(), text.size());
  const int failure = errno;
  ::close(file);
  if (written != static_cast<ssize_t>(text.size())) {
    return generic_error(
        path + ": cannot be written: " + (written < 0 ? std::strerror(failure) : "disk full"));
  }
  return {};
}

}  // namespace

Result<SelfSigned> make_self_signed(const SelfSignedOptions& options) {
  const auto names = alternative_names(options);
  if (!names) {
    return std::unexpected(names.error());
  }
  ERR_clear_error();
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> certificate(X509_new());
  if (!key || !certificate || !fill_certificate(certificate.get(), key.get(), options, *names)) {
    return openssl_failure("self-signed certificate");
  }
  const Owned<BIO> certificate_bio(BIO_new(BIO_s_mem()));
  const Owned<BIO> key_bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_bio.get(), certificate.get()) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1) {
    return openssl_failure("self-signed certificate");
  }
  return SelfSigned{text_of(certificate_bio.get()), text_of(key_bio.get()),
                    fingerprint_of(certificate.get())};
}

Result<void> write_pem_files(const SelfSigned& identity, const std::string& certificate_path,
                             const std::string& key_path) {
  if (auto written = write_file(certificate_path, identity.certificate_pem, 0644); !written) {
    return written;
  }
  return write_file(key_path, identity.private_key_pem, 0600);
}

Result<std::string> certificate_fingerprint(const std::string& pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Owned<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!certificate) {
    return openssl_failure("certificate");
  }
  return fingerprint_of(certificate.get());
}

}  // namespace sluice::web
