#include "protocol/srtp/secret.h"

#include <openssl/crypto.h>

namespace sluice::srtp {

void wipe(void* data, size_t size) {
  OPENSSL_cleanse(data, size);
}

}  // namespace sluice::srtp
