// The back end that runs everywhere: OpenSSL EVP. One cipher context per session key, keyed once;
// a packet sets only the IV.
#pragma once

#include <memory>

#include "protocol/srtp/backend.h"

namespace sluice::srtp {

std::unique_ptr<Backend> make_openssl_backend();

}  // namespace sluice::srtp
