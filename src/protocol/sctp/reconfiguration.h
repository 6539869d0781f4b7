// Resetting and adding streams (RFC 6525): our requests, one at a time, and the peer's.
//
// The class keeps the protocol; what a request means for streams is done by its owner, who learns
// of it from poll_action() after each call.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <span>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/sctp/packet_builder.h"
#include "protocol/sctp/reconfig_chunk.h"

namespace sluice::sctp {

/// The peer numbers messages of these streams from 0 again; empty: of all.
struct PeerReset {
  std::vector<uint16_t> streams;
};
/// The peer wants our outgoing streams reset; empty: all.
struct PeerWantsReset {
  std::vector<uint16_t> streams;
};
/// Our request to reset outgoing streams is over. `performed`: the peer has done it.
struct OwnResetDone {
  std::vector<uint16_t> streams;
  bool performed = false;
};
/// Our request for `count` more outgoing streams is over.
struct OwnStreamsDone {
  uint16_t count = 0;
  bool performed = false;
};
/// The peer has that many more outgoing streams.
struct PeerAddsStreams {
  uint16_t count = 0;
};
using ReconfigAction =
    std::variant<PeerReset, PeerWantsReset, OwnResetDone, OwnStreamsDone, PeerAddsStreams>;

class Reconfiguration {
 public:
  struct Setup {
    uint32_t own_initial_tsn = 0;  ///< requests are numbered from here
    uint32_t peer_initial_tsn = 0;
    uint16_t incoming_streams = 0;
    uint16_t outgoing_streams = 0;
  };

  explicit Reconfiguration(const Setup& setup);

  // Our side. Requests go out when their turn comes.

  /// Nothing more is sent on this stream until OwnResetDone.
  void want_outgoing_reset(uint16_t stream) { outgoing_resets_.insert(stream); }
  void want_incoming_reset(uint16_t stream) { incoming_resets_.insert(stream); }
  /// Raises the number of outgoing streams to `count`.
  void want_outgoing_streams(uint16_t count);

  /// A RE-CONFIG chunk. `cumulative`: our cumulative TSN of what the peer sent. True when it
  /// answers our request, whatever the answer.
  bool on_chunk(ReconfigReader& parameters, uint32_t cumulative);
  /// The cumulative TSN has moved: a reset may have waited for it.
  void on_cumulative(uint32_t cumulative);
  std::optional<ReconfigAction> poll_action();

  /// Appends what is due and fits. `last_tsn`: one that the streams to be reset have not exceeded.
  void write(PacketBuilder& packet, uint32_t last_tsn, Micros rto, Micros now);

  [[nodiscard]] std::optional<Micros> next_timeout() const;
  /// True when the peer owes an answer, which counts against it.
  bool on_timeout(Micros now);

  /// DATA of a stream that waits to be reset must not be taken when it belongs to after the reset.
  [[nodiscard]] bool holds_back(uint16_t stream, uint32_t tsn) const;

  [[nodiscard]] uint16_t outgoing_streams() const { return outgoing_streams_; }
  [[nodiscard]] uint16_t incoming_streams() const { return incoming_streams_; }

 private:
  struct OutgoingReset {
    uint32_t last_tsn;
    std::vector<uint16_t> streams;
  };
  struct IncomingReset {
    std::vector<uint16_t> streams;
  };
  struct AddStreams {
    uint16_t count;
  };
  using Subject = std::variant<OutgoingReset, IncomingReset, AddStreams>;
  struct Request {
    uint32_t sequence;
    Subject subject;
    bool due = true;
    bool in_progress = false;  // the peer says that it is at it
    bool renumber = false;     // the peer was busy and wants to be asked anew
    int attempts = 0;
    Micros deadline{};
    Micros interval{};
  };
  // A reset by the peer that waits for TSNs.
  struct Deferred {
    uint32_t sequence;
    uint32_t last_tsn;
    std::vector<uint16_t> streams;
  };

  void on_request(const OutgoingResetRequest& request, uint32_t cumulative);
  void on_request(const IncomingResetRequest& request);
  void on_request(const AddStreamsRequest& request);
  bool on_response(const ReconfigResponse& response);
  // Whether a request with this number is to be carried out; if not, it is answered.
  bool accept(uint32_t sequence);
  void respond(uint32_t sequence, ReconfigResult result);
  void finish_request(bool performed);
  // What to ask for next, if anything.
  std::optional<Subject> next_subject(uint32_t last_tsn);

  uint32_t next_own_;
  uint32_t next_peer_;
  uint16_t incoming_streams_;
  uint16_t outgoing_streams_;
  uint16_t wanted_streams_;

  std::set<uint16_t> outgoing_resets_;
  std::set<uint16_t> incoming_resets_;
  std::optional<Request> request_;  // in flight

  std::optional<Deferred> deferred_;
  std::deque<ReconfigResponse> results_;     // of the last requests, for those that come again
  std::vector<ReconfigResponse> responses_;  // to be sent
  std::deque<ReconfigAction> actions_;
};

}  // namespace sluice::sctp
