#include "protocol/ice/agent.h"

#include <algorithm>
#include <utility>

namespace sluice::ice {
namespace {

constexpr Micros kMinConsentTimeout = 10s;
constexpr Micros kMaxConsentTimeout = 60s;
constexpr Micros kDefaultConsentTimeout = 30s;
constexpr Micros kLatchWindow = 1s;
/// More than any one call makes: expiry removes all tuples and changes the state.
constexpr size_t kExpectedEvents = 16;

constexpr uint16_t kBadRequest = 400;
constexpr uint16_t kUnauthorized = 401;
constexpr uint16_t kRoleConflict = 487;

/// True for `<ufrag>:` and whatever follows: a lite agent need not know the peer's part.
bool is_addressed_to(std::string_view username, std::string_view ufrag) {
  return username.size() > ufrag.size() && username.starts_with(ufrag) &&
         username[ufrag.size()] == ':';
}

bool has_all_required(const stun::Message& request) {
  return request.method() == stun::kBindingMethod && request.has_fingerprint() &&
         request.priority().value_or(0) != 0 && request.username() && request.has_integrity();
}

}  // namespace

const char* to_string(State state) {
  switch (state) {
    case State::kNew:
      return "new";
    case State::kConnected:
      return "connected";
    case State::kCompleted:
      return "completed";
    case State::kDisconnected:
      return "disconnected";
  }
  return "unknown";
}

Agent::Agent(const AgentOptions& options, Credentials local, ErrorRateLimit& errors)
    : errors_(&errors),
      consent_timeout_(
          options.consent_timeout == Micros{0}
              ? Micros{0}
              : std::clamp(options.consent_timeout, kMinConsentTimeout, kMaxConsentTimeout)),
      current_(std::move(local)) {
  events_.reserve(kExpectedEvents);
}

void Agent::on_stun(Bytes datagram, const Tuple& from, Micros now) {
  if (const auto message = stun::Message::parse(datagram)) {
    on_stun(*message, from, now);
  } else {
    ++counters_.malformed;
  }
}

void Agent::on_stun(const stun::Message& message, const Tuple& from, Micros now) {
  counters_.unknown_attributes += message.unknown_required();
  if (message.message_class() != stun::MessageClass::kRequest) {
    ++counters_.ignored;
    return;
  }
  if (!has_all_required(message)) {
    ++counters_.bad_requests;
    respond_error(message, kBadRequest, from, now);
    return;
  }
  LocalPair* const pair = authenticate(message);
  if (pair == nullptr) {
    ++counters_.unauthorized;
    respond_error(message, kUnauthorized, from, now);
    return;
  }
  if (pair == &current_) {
    drop_old_credentials();
  }
  if (message.ice_controlled()) {
    ++counters_.role_conflicts;
    respond_error(message, kRoleConflict, from, now);
    return;
  }
  ++counters_.accepted;
  respond_success(message, *pair, from);
  on_valid_request(message, from, now);
}

bool Agent::latch(const Tuple& tuple, Micros now) {
  if (selected_ == kNone || tuples_[selected_].tuple == tuple) {
    return false;
  }
  const size_t index = find(tuple);
  if (index == kNone) {
    return false;
  }
  const Micros validity = consent_timeout_ == Micros{0} ? kDefaultConsentTimeout : consent_timeout_;
  Micros& oldest_latch = latch_times_[latch_count_ % kMaxLatchesPerSecond];
  const bool too_many = latch_count_ >= kMaxLatchesPerSecond && now - oldest_latch < kLatchWindow;
  if (too_many || now - tuples_[index].last_check > validity) {
    ++counters_.latches_refused;
    return false;
  }
  oldest_latch = now;
  ++latch_count_;
  select(index);
  return true;
}

void Agent::remove_tuple(const Tuple& tuple, Micros now) {
  const size_t index = find(tuple);
  if (index == kNone) {
    return;
  }
  const bool was_selected = index == selected_;
  erase_path(index);
  if (!was_selected) {
    return;
  }
  if (tuple_count_ == 0) {
    disconnect();
    return;
  }
  select(0);
  restart_consent(now);
}

const Credentials& Agent::restart(Micros now, Credentials fresh) {
  drop_old_credentials();
  old_.emplace(std::move(current_));
  current_ = LocalPair(std::move(fresh));
  remote_nomination_ = 0;
  restart_consent(now);
  return current_.credentials;
}

void Agent::on_timeout(Micros now) {
  if (!consent_deadline_ || now < *consent_deadline_) {
    return;
  }
  while (tuple_count_ > 0) {
    erase_path(tuple_count_ - 1);
  }
  disconnect();
}

std::optional<Transmit> Agent::poll_transmit() {
  return std::exchange(transmit_, std::nullopt);
}

std::optional<Event> Agent::poll_event() {
  if (next_event_ == events_.size()) {
    events_.clear();
    next_event_ = 0;
    return std::nullopt;
  }
  return std::move(events_[next_event_++]);
}

size_t Agent::find(const Tuple& tuple) const {
  for (size_t i = 0; i < tuple_count_; ++i) {
    if (tuples_[i].tuple == tuple) {
      return i;
    }
  }
  return kNone;
}

/// The pair that the request was made with. Old credentials are tried only for their own user name.
Agent::LocalPair* Agent::authenticate(const stun::Message& message) {
  const std::string_view username = message.username().value_or(std::string_view{});
  LocalPair* pair = nullptr;
  if (is_addressed_to(username, current_.credentials.ufrag)) {
    pair = &current_;
  } else if (old_ && is_addressed_to(username, old_->credentials.ufrag)) {
    pair = &*old_;
  }
  return pair != nullptr && message.verify_integrity(pair->key) ? pair : nullptr;
}

void Agent::drop_old_credentials() {
  if (old_) {
    events_.emplace_back(UfragDropped{std::move(old_->credentials.ufrag)});
    old_.reset();
  }
}

void Agent::respond_error(const stun::Message& request, uint16_t code, const Tuple& from,
                          Micros now) {
  Transmit& out = transmit_.emplace();
  out.to = from;
  out.size = stun::write_error(out.data, request, code).size();
  // Whoever forges a source address must not have more sent there than they sent themselves.
  if (out.size > request.size() || !errors_->allow(from.remote.ip, now)) {
    ++counters_.errors_withheld;
    transmit_.reset();
  }
}

void Agent::respond_success(const stun::Message& request, LocalPair& pair, const Tuple& from) {
  Transmit& out = transmit_.emplace();
  out.to = from;
  out.size = stun::write_success(out.data, request, from.remote, pair.key).size();
}

/// The table of media-plane 1.7.
void Agent::on_valid_request(const stun::Message& request, const Tuple& from, Micros now) {
  const bool use = request.use_candidate();
  const std::optional<uint32_t> nomination = request.nomination();
  const bool is_new = nomination && *nomination > remote_nomination_;
  const bool nominates = use || nomination;
  const size_t index = add_tuple(from, now);

  if (state_ == State::kCompleted) {
    if (is_new || use) {
      select(index);
    }
  } else if (nominates) {
    // A nomination that is not higher than the last one is stale and completes nothing.
    if (is_new || !nomination) {
      select(index);
      enter(State::kCompleted);
    }
  } else if (state_ != State::kConnected) {
    select(index);
    enter(State::kConnected);
  }
  if (is_new) {
    remote_nomination_ = *nomination;
  }
  restart_consent(now);
}

size_t Agent::add_tuple(const Tuple& tuple, Micros now) {
  if (const size_t known = find(tuple); known != kNone) {
    tuples_[known].last_check = now;
    return known;
  }
  if (tuple_count_ == kMaxTuples) {
    erase_path(selected_ == kMaxTuples - 1 ? kMaxTuples - 2 : kMaxTuples - 1);
  }
  std::move_backward(tuples_.begin(), tuples_.begin() + tuple_count_,
                     tuples_.begin() + tuple_count_ + 1);
  tuples_[0] = {tuple, now};
  ++tuple_count_;
  if (selected_ != kNone) {
    ++selected_;
  }
  events_.emplace_back(TupleAdded{tuple});
  return 0;
}

/// Takes the path out of the list; when it was the selected one, nothing is selected afterwards.
void Agent::erase_path(size_t index) {
  events_.emplace_back(TupleRemoved{tuples_[index].tuple});
  std::move(tuples_.begin() + index + 1, tuples_.begin() + tuple_count_, tuples_.begin() + index);
  --tuple_count_;
  if (selected_ == index) {
    selected_ = kNone;
  } else if (selected_ != kNone && selected_ > index) {
    --selected_;
  }
}

void Agent::select(size_t index) {
  if (selected_ != index) {
    selected_ = index;
    events_.emplace_back(SelectedTupleChanged{tuples_[index].tuple});
  }
}

void Agent::enter(State state) {
  if (state_ != state) {
    state_ = state;
    events_.emplace_back(StateChanged{state});
  }
}

/// The last path is gone. DTLS and SRTP are not told: a peer that comes back goes on without a
/// handshake.
void Agent::disconnect() {
  selected_ = kNone;
  remote_nomination_ = 0;
  consent_deadline_.reset();
  enter(State::kDisconnected);
}

/// Does nothing while no peer is connected or consent is off.
void Agent::restart_consent(Micros now) {
  if (is_up() && consent_timeout_ != Micros{0}) {
    consent_deadline_ = now + consent_timeout_;
  }
}

}  // namespace sluice::ice
