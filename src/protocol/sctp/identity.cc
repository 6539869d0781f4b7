#include "protocol/sctp/identity.h"

#include "base/random.h"

namespace sluice::sctp {

uint32_t generate_tag() {
  return random_uint32(1, UINT32_MAX);
}

uint32_t generate_tsn() {
  return random_uint32(0, UINT32_MAX);
}

Identity Identity::generate() {
  Identity identity{.tag = generate_tag(), .initial_tsn = generate_tsn()};
  random_bytes(identity.cookie_key);
  return identity;
}

}  // namespace sluice::sctp
