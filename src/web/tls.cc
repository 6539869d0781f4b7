#include "web/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

namespace sluice::web {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

bool is_pem_text(std::string_view text) {
  return text.find("-----BEGIN") != std::string_view::npos;
}

/// How messages call the thing: its path, or that it was given as text.
std::string name_of(std::string_view what, const std::string& source) {
  return std::string(what) + " " + (is_pem_text(source) ? "(PEM text)" : source);
}

std::string openssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown OpenSSL error" : reason;
}

Result<std::string> load_pem(std::string_view what, const std::string& source) {
  if (is_pem_text(source)) {
    return source;
  }
  if (source.empty()) {
    return generic_error(std::string(what) + ": no file is given");
  }
  std::ifstream file(source, std::ios::binary);
  if (!file) {
    return generic_error(name_of(what, source) + ": cannot be read: " + std::strerror(errno));
  }
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!is_pem_text(text)) {
    return generic_error(name_of(what, source) + ": is not a PEM file");
  }
  return text;
}

Owned<BIO> reader_of(const std::string& text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Never asks the terminal for the pass phrase of an encrypted key.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

/// Uses the first certificate as the server's own and the others as its chain.
std::optional<std::string> use_chain(SSL_CTX* context, const std::string& pem) {
  const auto bio = reader_of(pem);
  const Owned<X509> own(PEM_read_bio_X509_AUX(bio.get(), nullptr, no_passphrase, nullptr));
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) {
    return openssl_reason();
  }
  for (;;) {
    Owned<X509> issuer(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
    if (!issuer) {
      ERR_clear_error();  // the end of the text
      return std::nullopt;
    }
    if (SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) {
      return openssl_reason();
    }
  }
}

}  // namespace

void FreeSslContext::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}

Result<SslContext> make_tls_context(const TlsIdentity& identity) {
  const auto chain = load_pem("TLS certificate", identity.certificate);
  if (!chain) {
    return std::unexpected(chain.error());
  }
  const auto key_text = load_pem("TLS private key", identity.private_key);
  if (!key_text) {
    return std::unexpected(key_text.error());
  }
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) {
    return generic_error("TLS: " + openssl_reason());
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Idle connections give their record buffers back; Asio's engine retries writes from other
  // addresses.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (const auto failure = use_chain(context.get(), *chain)) {
    return generic_error(name_of("TLS certificate", identity.certificate) + ": " + *failure);
  }
  const auto bio = reader_of(*key_text);
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) {
    return generic_error(
        name_of("TLS private key", identity.private_key) +
        ": cannot be decoded (damaged, or protected by a pass phrase): " + openssl_reason());
  }
  if (SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    ERR_clear_error();
    return generic_error(name_of("TLS private key", identity.private_key) +
                         ": does not belong to " +
                         name_of("TLS certificate", identity.certificate));
  }
  return context;
}

}  // namespace sluice::web
