// The fast back end on x86-64: intel-ipsec-mb. GCM packets go through its direct functions with a
// precomputed key; the AES-CM packets of a batch are hashed side by side in vector lanes.
#pragma once

#include <memory>

#include "protocol/srtp/backend.h"

namespace sluice::srtp {

/// Null when the library is not compiled in, its self-test failed, or the processor lacks AES
/// instructions (the library would emulate them, slower than OpenSSL).
std::unique_ptr<Backend> make_ipsec_mb_backend();

}  // namespace sluice::srtp
