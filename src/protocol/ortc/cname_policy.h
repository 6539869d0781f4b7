// One CNAME for all producers of a transport (ortc-model 3.8): receivers synchronise audio and
// video of a sender by it, and clients do not give it with every stream. Pipe transports do
// without: their producers keep the CNAME of their origin.
#pragma once

#include <string>

#include "protocol/ortc/rtp_parameters.h"

namespace sluice::ortc {

class CnamePolicy {
 public:
  /// Gives `parameters` the transport's CNAME, which is the first that a producer brought, or eight
  /// random hexadecimal digits when the first producer brought none.
  void apply(RtpParameters& parameters);

  /// Empty before the first producer.
  [[nodiscard]] const std::string& cname() const { return cname_; }

 private:
  std::string cname_;
};

}  // namespace sluice::ortc
