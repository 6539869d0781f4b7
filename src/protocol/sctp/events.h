// What an association reports to its owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sluice::sctp {

/// The association is up: state connected.
struct Connected {
  uint16_t outgoing_streams = 0;
  uint16_t incoming_streams = 0;
};
/// It could not be set up: state failed.
struct Failed {
  std::string reason;  ///< for people
};
/// It was up and has ended: state closed. Not reported for our own close().
struct Closed {
  std::string reason;  ///< for people
};
/// The peer has started anew with empty hands. Messages that were under way are lost in both
/// directions; what waited in the send buffer will be sent.
struct Restarted {
  uint16_t outgoing_streams = 0;
  uint16_t incoming_streams = 0;
};

/// A message from the peer.
struct Message {
  uint16_t stream = 0;
  uint32_t ppid = 0;
  std::vector<uint8_t> payload;  ///< empty for the identifiers of empty messages
};
/// The peer sent a message larger than allowed; it is gone.
struct MessageTooLarge {
  uint16_t stream = 0;
};

/// The peer has reset its outgoing streams: what it sends there from now on is a new channel.
struct PeerStreamsReset {
  std::vector<uint16_t> streams;  ///< empty: all
};
/// A reset of our outgoing streams is over. `performed`: the peer has accepted it.
struct StreamsReset {
  std::vector<uint16_t> streams;
  bool performed = false;
};
/// There are more outgoing streams.
struct StreamsAdded {
  uint16_t outgoing_streams = 0;  ///< in total
};
/// The peer refused more outgoing streams. Messages that waited for them are dropped.
struct StreamsRefused {
  uint16_t outgoing_streams = 0;  ///< as before
};

/// The amount buffered for a stream fell to its threshold or below.
struct BufferedAmountLow {
  uint16_t stream = 0;
  size_t amount = 0;
};
/// The same for all streams together.
struct TotalBufferedAmountLow {
  size_t amount = 0;
};

using Event = std::variant<Connected, Failed, Closed, Restarted, Message, MessageTooLarge,
                           PeerStreamsReset, StreamsReset, StreamsAdded, StreamsRefused,
                           BufferedAmountLow, TotalBufferedAmountLow>;

}  // namespace sluice::sctp
