#include "protocol/ice/credentials.h"

#include "base/random.h"

namespace sluice::ice {

Credentials Credentials::generate() {
  return {random_alphanumeric(kLength), random_alphanumeric(kLength)};
}

}  // namespace sluice::ice
