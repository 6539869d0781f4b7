#include "protocol/dtls/session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/dtls/connection.h"
#include "protocol/dtls/context.h"

namespace sluice::dtls {
namespace {

// Room for a few handshake flights, and for the largest burst of SCTP packets between two polls.
constexpr size_t kMaxQueuedBytes = 256 * 1024;

constexpr std::array<std::string_view, 3> kRoleNames = {"auto", "client", "server"};
constexpr std::array<std::string_view, 5> kStateNames = {"new", "connecting", "connected", "failed",
                                                         "closed"};

}  // namespace

std::string_view to_string(Role role) {
  return kRoleNames[static_cast<size_t>(role)];
}

Result<Role> parse_role(std::string_view name) {
  const auto* found = std::ranges::find(kRoleNames, name);
  if (found == kRoleNames.end()) {
    return type_error("unknown DTLS role \"" + std::string(name.substr(0, 32)) +
                      "\" (expected auto, client or server)");
  }
  return static_cast<Role>(found - kRoleNames.begin());
}

std::string_view to_string(State state) {
  return kStateNames[static_cast<size_t>(state)];
}

Session::Session(std::shared_ptr<const Context> context)
    : context_(std::move(context)), transmit_(kMaxQueuedBytes), received_(kMaxQueuedBytes) {}

Session::~Session() = default;

Result<Role> Session::connect(Role remote_role, std::span<const Fingerprint> remote_fingerprints,
                              Micros now) {
  if (role_ != Role::kAuto) {
    return generic_error("connect() was called before");
  }
  if (state_ == State::kClosed) {
    return std::unexpected(Error{ErrorKind::kInvalidState, "the DTLS session is closed"});
  }
  if (remote_fingerprints.empty()) {
    return type_error("no DTLS fingerprint given");
  }
  std::vector<Fingerprint> accepted;
  for (const Fingerprint& fingerprint : remote_fingerprints) {
    if (fingerprint.value.size() != digest_size(fingerprint.algorithm)) {
      return type_error("a DTLS fingerprint has the wrong length for " +
                        std::string(to_string(fingerprint.algorithm)));
    }
    if (fingerprint.algorithm != HashAlgorithm::kSha1 || context_->options().accept_sha1) {
      accepted.push_back(fingerprint);
    }
  }
  if (accepted.empty()) {
    return type_error("sha-1 fingerprints are not accepted here");
  }

  remote_fingerprints_ = std::move(accepted);
  role_ = remote_role == Role::kClient ? Role::kServer : Role::kClient;
  if (state_ == State::kConnecting) {
    if (role_ == Role::kClient) {
      start(true, now);
    } else {
      evaluate();
    }
  } else if (state_ == State::kNew && ice_ready_) {
    start(role_ == Role::kClient, now);
  }
  return role_;
}

void Session::on_ice_ready(Micros now) {
  ice_ready_ = true;
  if (state_ == State::kNew) {
    start(role_ == Role::kClient, now);
  }
}

void Session::start(bool as_client, Micros now) {
  transmit_.clear();
  connection_ = Connection::create(*context_, as_client, transmit_, remote_fingerprints_);
  if (connection_ == nullptr) {
    fail("out of memory");
    return;
  }
  connecting_event_ |= state_ == State::kNew;
  state_ = State::kConnecting;
  connection_->start(now);
  evaluate();
}

void Session::on_datagram(Bytes datagram, Micros now) {
  if (connection_ == nullptr) {
    return;
  }
  connection_->receive(datagram, now, received_);
  const bool was_connected = state_ == State::kConnected;
  evaluate();
  if (!was_connected && state_ != State::kConnected) {
    received_.clear();  // from a peer that is not verified (yet)
  }
}

std::optional<Micros> Session::next_timeout() const {
  return connection_ == nullptr ? std::nullopt : connection_->next_timeout();
}

void Session::on_timeout(Micros now) {
  if (connection_ != nullptr) {
    connection_->on_timeout(now);
    evaluate();
  }
}

void Session::evaluate() {
  switch (connection_->status()) {
    case Connection::Status::kHandshaking:
      return;
    case Connection::Status::kEstablished:
      if (state_ == State::kConnecting) {
        complete_handshake();
      }
      return;
    case Connection::Status::kClosedByPeer:
      if (state_ == State::kConnected) {
        connection_->shut_down();
        connection_.reset();
        state_ = State::kClosed;
        end_event_ = Closed{};
        return;
      }
      break;
    case Connection::Status::kFailed:
      break;
  }
  fail(connection_->error());
}

void Session::complete_handshake() {
  if (!connection_->srtp_profile()) {
    fail("no SRTP profile in common");
    return;
  }
  if (remote_fingerprints_.empty()) {
    return;  // connect() will bring them
  }
  if (!connection_->peer_matches(remote_fingerprints_)) {
    fail("the peer's certificate does not match the fingerprint it announced");
    return;
  }
  Result<SrtpKeys> keys = connection_->export_srtp_keys();
  if (!keys) {
    fail(keys.error().message);
    return;
  }
  state_ = State::kConnected;
  connected_event_ = Connected{std::move(*keys), connection_->peer_certificate_pem()};
}

void Session::fail(std::string reason) {
  if (connection_ != nullptr) {
    connection_->shut_down();
    connection_.reset();
  }
  state_ = State::kFailed;
  end_event_ = Failed{std::move(reason)};
}

std::optional<Event> Session::poll_event() {
  if (std::exchange(connecting_event_, false)) {
    return Connecting{};
  }
  if (connected_event_) {
    std::optional<Event> event(std::move(*connected_event_));
    connected_event_.reset();
    return event;
  }
  if (const std::optional<Bytes> bytes = received_.pop()) {
    return ApplicationData{*bytes};
  }
  return std::exchange(end_event_, std::nullopt);
}

Result<void> Session::send_application_data(Bytes data) {
  if (state_ != State::kConnected) {
    return std::unexpected(Error{ErrorKind::kInvalidState, "DTLS is not connected"});
  }
  if (data.empty() || data.size() > Connection::kMaxRecordBytes) {
    return type_error("DTLS application data must have 1.." +
                      std::to_string(Connection::kMaxRecordBytes) + " bytes, not " +
                      std::to_string(data.size()));
  }
  if (!connection_->send(data)) {
    return generic_error("DTLS could not send");
  }
  return {};
}

void Session::close() {
  if (connection_ != nullptr) {
    connection_->shut_down();
    connection_.reset();
  }
  connecting_event_ = false;
  connected_event_.reset();
  received_.clear();
  end_event_.reset();
  state_ = State::kClosed;
}

}  // namespace sluice::dtls
