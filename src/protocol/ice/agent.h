// The ICE-lite agent of one transport (RFC 8445, RFC 7675, draft-thatcher-ice-renomination): a
// state machine without sockets or clock. It answers Binding requests, remembers the paths (tuples)
// that passed a check, and selects the one to send on. It never sends a request, so it notices a
// lost peer by the absence of checks.
//
// Invariants: at most kMaxTuples tuples; a tuple is selected exactly in the states connected and
// completed; the selected tuple is always one of the list.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/ice/credentials.h"
#include "protocol/ice/error_rate_limit.h"
#include "protocol/ice/tuple.h"
#include "protocol/stun/binding.h"
#include "protocol/stun/integrity_key.h"
#include "protocol/stun/message.h"

namespace sluice::ice {

enum class State : uint8_t { kNew, kConnected, kCompleted, kDisconnected };

/// "new", "connected", "completed" or "disconnected".
const char* to_string(State state);

/// A packet to send, to `to.remote` from `to.local`.
struct Transmit {
  Tuple to;
  std::array<uint8_t, stun::kMaxResponseSize> data;
  size_t size = 0;

  [[nodiscard]] Bytes bytes() const { return Bytes(data).first(size); }
};

/// A path passed a check for the first time: packets from it belong to this agent.
struct TupleAdded {
  Tuple tuple;
};
/// The path is forgotten. When it is a TCP connection that still stands, close it.
struct TupleRemoved {
  Tuple tuple;
};
/// Packets to the peer go here from now on. Comes before the state change that it goes with.
struct SelectedTupleChanged {
  Tuple tuple;
};
struct StateChanged {
  State state;
};
/// Credentials replaced by a restart are no longer accepted.
struct UfragDropped {
  std::string ufrag;
};
using Event =
    std::variant<TupleAdded, TupleRemoved, SelectedTupleChanged, StateChanged, UfragDropped>;

struct AgentOptions {
  /// Time without a valid request until the peer counts as gone: 0 means never, anything else is
  /// brought into 10..60 s.
  Micros consent_timeout = 30s;
};

/// What the agent saw, to explain why a peer cannot connect.
struct AgentCounters {
  uint64_t malformed = 0;           ///< datagrams that are no valid message
  uint64_t ignored = 0;             ///< indications and responses
  uint64_t bad_requests = 0;        ///< 400: something required is missing
  uint64_t unauthorized = 0;        ///< 401: unknown user name or wrong password
  uint64_t role_conflicts = 0;      ///< 487: the peer thinks that we are controlling
  uint64_t accepted = 0;            ///< answered with success
  uint64_t errors_withheld = 0;     ///< error responses not sent: too many, or too large
  uint64_t unknown_attributes = 0;  ///< comprehension-required attributes that were skipped
  uint64_t latches_refused = 0;     ///< see `latch`
};

/// After each call that takes `now`, the owner polls transmits and events until there are none.
class Agent {
 public:
  static constexpr size_t kMaxTuples = 8;
  /// More implicit selections than this within a second are two paths fighting, not a peer moving.
  static constexpr size_t kMaxLatchesPerSecond = 5;

  /// `errors` is shared by the agents of a loop and outlives them.
  Agent(const AgentOptions& options, Credentials local, ErrorRateLimit& errors);

  /// A STUN datagram that came in on `from`; anything that is not valid STUN is dropped.
  void on_stun(Bytes datagram, const Tuple& from, Micros now);
  /// The same for a caller that had to parse the message to find the agent.
  void on_stun(const stun::Message& message, const Tuple& from, Micros now);

  /// A DTLS datagram, or an RTP packet that decrypted, came in on `tuple`: when that is a known
  /// tuple but not the selected one, select it, so that media follows a peer that moved before it
  /// nominates. Only for a tuple that passed a check within the consent time (30 s when consent is
  /// off), and only some times per second. True when the selection moved.
  bool latch(const Tuple& tuple, Micros now);

  /// The path is gone (TCP connection closed). Unknown tuples are ignored.
  void remove_tuple(const Tuple& tuple, Micros now);

  /// New local credentials; those in use stay valid until the first request with the new ones.
  /// Paths, selection and state stay. On a shared port, register the new ufrag before telling it to
  /// the peer.
  const Credentials& restart(Micros now, Credentials fresh = Credentials::generate());

  /// When `on_timeout` is due, if ever. Moves with every valid request, so ask again on expiry
  /// rather than arming a timer per request.
  [[nodiscard]] std::optional<Micros> next_timeout() const { return consent_deadline_; }
  void on_timeout(Micros now);

  /// A response left unpolled is overwritten by the next one.
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool knows(const Tuple& tuple) const { return find(tuple) != kNone; }
  /// Null without one. Valid until the next call that is not const.
  [[nodiscard]] const Tuple* selected() const {
    return selected_ == kNone ? nullptr : &tuples_[selected_].tuple;
  }
  [[nodiscard]] size_t tuple_count() const { return tuple_count_; }
  /// `index` below tuple_count(), newest first.
  [[nodiscard]] const Tuple& tuple(size_t index) const { return tuples_[index].tuple; }
  [[nodiscard]] const Credentials& local_credentials() const { return current_.credentials; }
  /// The pair replaced by a restart, while it is still accepted.
  [[nodiscard]] const Credentials* old_credentials() const {
    return old_ ? &old_->credentials : nullptr;
  }
  /// Zero when consent is off.
  [[nodiscard]] Micros consent_timeout() const { return consent_timeout_; }
  [[nodiscard]] const AgentCounters& counters() const { return counters_; }

 private:
  static constexpr size_t kNone = SIZE_MAX;

  struct LocalPair {
    explicit LocalPair(Credentials pair)
        : credentials(std::move(pair)), key(credentials.password) {}
    Credentials credentials;
    stun::IntegrityKey key;
  };
  struct Path {
    Tuple tuple;
    Micros last_check{0};
  };

  [[nodiscard]] size_t find(const Tuple& tuple) const;
  LocalPair* authenticate(const stun::Message& message);
  void drop_old_credentials();
  void respond_error(const stun::Message& request, uint16_t code, const Tuple& from, Micros now);
  void respond_success(const stun::Message& request, LocalPair& pair, const Tuple& from);
  void on_valid_request(const stun::Message& request, const Tuple& from, Micros now);
  size_t add_tuple(const Tuple& tuple, Micros now);
  void erase_path(size_t index);
  void select(size_t index);
  void enter(State state);
  void disconnect();
  void restart_consent(Micros now);
  [[nodiscard]] bool is_up() const {
    return state_ == State::kConnected || state_ == State::kCompleted;
  }

  ErrorRateLimit* errors_;
  Micros consent_timeout_;
  LocalPair current_;
  std::optional<LocalPair> old_;
  State state_ = State::kNew;
  std::array<Path, kMaxTuples> tuples_;  ///< newest first
  size_t tuple_count_ = 0;
  size_t selected_ = kNone;
  uint32_t remote_nomination_ = 0;
  std::optional<Micros> consent_deadline_;
  std::array<Micros, kMaxLatchesPerSecond> latch_times_{};  ///< a ring
  size_t latch_count_ = 0;
  std::optional<Transmit> transmit_;
  std::vector<Event> events_;
  size_t next_event_ = 0;
  AgentCounters counters_;
};

}  // namespace sluice::ice
