// TLS server identities.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "base/error.h"

namespace sluice::web {

/// Certificate chain and private key, each the path of a PEM file or the PEM text itself.
struct TlsIdentity {
  std::string certificate;
  std::string private_key;
};

struct FreeSslContext {
  void operator()(SSL_CTX* context) const;
};
using SslContext = std::unique_ptr<SSL_CTX, FreeSslContext>;

/// A server context for TLS 1.2 and later. The error names the file and says what is wrong with it;
/// it never contains key material.
Result<SslContext> make_tls_context(const TlsIdentity& identity);

}  // namespace sluice::web
