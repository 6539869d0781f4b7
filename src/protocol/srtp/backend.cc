#include "protocol/srtp/backend.h"

#include "protocol/srtp/ipsec_mb_backend.h"
#include "protocol/srtp/openssl_backend.h"

namespace sluice::srtp {

std::unique_ptr<Backend> make_backend(BackendKind kind) {
  if (kind == BackendKind::kOpenSsl) {
    return make_openssl_backend();
  }
  std::unique_ptr<Backend> backend = make_ipsec_mb_backend();
  if (!backend && kind == BackendKind::kBest) {
    backend = make_openssl_backend();
  }
  return backend;
}

}  // namespace sluice::srtp
