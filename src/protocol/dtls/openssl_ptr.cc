#include "protocol/dtls/openssl_ptr.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace sluice::dtls {

void OpenSslDelete::operator()(bio_st* object) const {
  BIO_free_all(object);
}
void OpenSslDelete::operator()(evp_pkey_st* object) const {
  EVP_PKEY_free(object);
}
void OpenSslDelete::operator()(ssl_ctx_st* object) const {
  SSL_CTX_free(object);
}
void OpenSslDelete::operator()(ssl_st* object) const {
  SSL_free(object);
}
void OpenSslDelete::operator()(x509_st* object) const {
  X509_free(object);
}

std::string take_openssl_error() {
  const unsigned long code = ERR_get_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

}  // namespace sluice::dtls
