#include "protocol/ortc/cname_policy.h"

#include "base/random.h"

namespace sluice::ortc {

void CnamePolicy::apply(RtpParameters& parameters) {
  constexpr size_t kGeneratedLength = 8;
  if (cname_.empty()) {
    cname_ = parameters.rtcp.cname;
  }
  if (cname_.empty()) {
    cname_ = random_hex(kGeneratedLength);
  }
  parameters.rtcp.cname = cname_;
}

}  // namespace sluice::ortc
