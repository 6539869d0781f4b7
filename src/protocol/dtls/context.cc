#include "protocol/dtls/context.h"

#include <openssl/err.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>

#include <string>
#include <utility>

#include "protocol/dtls/connection.h"

namespace sluice::dtls {
namespace {

// Forward secrecy only. The CBC suites at the end are for old clients; 128-bit keys come first
// because data channel packets are many and small.
constexpr char kCiphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:"
    "ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA";

constexpr char kGroups[] = "X25519:P-256:P-384";

// Fixed here so that the system's openssl.cnf does not decide it. Level 2 asks for 112 bits.
constexpr int kSecurityLevel = 2;

// Bounds what a peer can make us buffer for its certificate message; real ones have under 2 KiB.
constexpr long kMaxCertificateChainBytes = 16 * 1024;

// No encrypt-then-MAC: with it the library gives a connection up over a single forged record
// instead of dropping the record. It concerns the CBC suites only.
constexpr uint64_t kOptions = SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                              SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_QUERY_MTU |
                              SSL_OP_NO_ENCRYPT_THEN_MAC;

const char* openssl_name(SrtpProfile profile) {
  switch (profile) {
    case SrtpProfile::kAes128CmSha1_80:
      return "SRTP_AES128_CM_SHA1_80";
    case SrtpProfile::kAes128CmSha1_32:
      return "SRTP_AES128_CM_SHA1_32";
    case SrtpProfile::kAeadAes128Gcm:
      return "SRTP_AEAD_AES_128_GCM";
    case SrtpProfile::kAeadAes256Gcm:
      break;
  }
  return "SRTP_AEAD_AES_256_GCM";
}

bool set_srtp_profiles(SSL_CTX* context, const std::vector<SrtpProfile>& profiles) {
  if (profiles.empty()) {
    return true;
  }
  std::string names;
  for (const SrtpProfile profile : profiles) {
    names += names.empty() ? "" : ":";
    names += openssl_name(profile);
  }
  // Unlike its neighbours this function returns 0 for success.
  return SSL_CTX_set_tlsext_use_srtp(context, names.c_str()) == 0;
}

bool configure(SSL_CTX* context, const Certificate& certificate, const ContextOptions& options) {
  static constexpr unsigned char kSessionIdContext[] = "sluice";
  SSL_CTX_set_security_level(context, kSecurityLevel);
  SSL_CTX_set_options(context, kOptions);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context, kMaxCertificateChainBytes);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // Replaces the whole chain validation: issuer and dates do not matter, the fingerprint does.
  SSL_CTX_set_cert_verify_callback(context, &Connection::verify_peer, nullptr);
  return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_session_id_context(context, kSessionIdContext,
                                        sizeof(kSessionIdContext) - 1) == 1 &&
         SSL_CTX_set_cipher_list(context, kCiphers) == 1 &&
         SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
         SSL_CTX_use_certificate(context, certificate.native()) == 1 &&
         SSL_CTX_use_PrivateKey(context, certificate.native_key()) == 1 &&
         set_srtp_profiles(context, options.srtp_profiles);
}

}  // namespace

Context::Context(Certificate certificate, ContextOptions options,
                 OpenSslPtr<ssl_ctx_st> ssl_context)
    : certificate_(std::move(certificate)),
      options_(std::move(options)),
      ssl_context_(std::move(ssl_context)) {}

Result<std::shared_ptr<const Context>> Context::create(Certificate certificate,
                                                       ContextOptions options) {
  ERR_clear_error();
  OpenSslPtr<ssl_ctx_st> ssl_context(SSL_CTX_new(DTLS_method()));
  if (ssl_context == nullptr || !configure(ssl_context.get(), certificate, options)) {
    return generic_error("cannot set up DTLS: " + take_openssl_error());
  }
  return std::shared_ptr<const Context>(
      new Context(std::move(certificate), std::move(options), std::move(ssl_context)));
}

}  // namespace sluice::dtls
