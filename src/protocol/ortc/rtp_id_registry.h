// SSRCs, MIDs and RIDs that the producers of one transport use, to refuse a producer whose packets
// could not be told from another's (ortc-model 3.9, rows E13 to E15). Finding the producer of a
// packet is not its task.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/types.h"
#include "protocol/ortc/rtp_parameters.h"

namespace sluice::ortc {

class RtpIdRegistry {
 public:
  /// Takes the ids of a new producer, all or none.
  /// Errors: kGeneric when an ssrc or rtx ssrc or the mid is in use, or when the producer has no
  /// mid and one of its rids is in use.
  [[nodiscard]] Result<void> add(const RtpParameters& parameters);

  /// Frees what `add` took for these very parameters.
  void remove(const RtpParameters& parameters);

  [[nodiscard]] bool empty() const { return ssrcs_.empty() && mids_.empty() && rids_.empty(); }

 private:
  Result<void> add_ssrcs(const RtpParameters& parameters);
  Result<void> add_rids(const RtpParameters& parameters);
  void remove_ssrcs(const RtpParameters& parameters);

  std::unordered_set<Ssrc> ssrcs_;
  std::unordered_set<std::string> mids_;
  /// Encodings per rid: producers with a mid may share rids, and usually do ("r0", "r1", …).
  std::unordered_map<std::string, uint32_t> rids_;
};

}  // namespace sluice::ortc
