// What data channels add to SCTP messages by their payload protocol identifier (RFC 8831 section
// 6.6, section 8): empty messages, and the deprecated partial ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "protocol/sctp/reassembly.h"
#include "protocol/sctp/wire.h"

namespace sluice::sctp {

class ChannelFraming {
 public:
  /// `max_message_size`: of the joined message. `max_held`: bytes of parts kept at any time.
  ChannelFraming(size_t max_message_size, size_t max_held)
      : max_message_size_(max_message_size), max_held_(max_held) {}

  /// The application's message that `message` is or ends; nothing when more parts follow, or for a
  /// DCEP message (media-plane 9.3: channels are agreed upon elsewhere). Joined parts have the
  /// identifier of the last one. The placeholder of an empty message is removed.
  std::optional<ReassembledMessage> accept(ReassembledMessage message);

  /// The peer numbers this stream's messages from 0 again: parts of before are dropped.
  void reset(uint16_t stream);
  void reset_all();

  /// Bytes of parts kept.
  [[nodiscard]] size_t held() const { return held_; }
  /// DCEP messages so far.
  [[nodiscard]] uint64_t dcep_ignored() const { return dcep_ignored_; }

 private:
  using Parts = std::map<uint16_t, ReassembledMessage>;

  void keep(ReassembledMessage&& part);
  void drop(Parts::iterator parts);

  size_t max_message_size_;
  size_t max_held_;
  Parts parts_;  // by stream
  size_t held_ = 0;
  uint64_t dcep_ignored_ = 0;
};

/// How a message of the application goes onto the wire.
struct WirePayload {
  uint32_t ppid = 0;
  std::vector<uint8_t> bytes;  ///< never empty
};
/// An empty message becomes one zero byte, and one of an identifier that has an empty form gets
/// that.
WirePayload to_wire(uint32_t ppid, Bytes payload);

}  // namespace sluice::sctp
