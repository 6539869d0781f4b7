// The DTLS side of one WebRTC transport (media-plane 3, ortc-model 1.7): when to run and in which
// role, whether the peer is who it announced to be, and what the transport learns of it.
//
// States: new -> connecting -> connected -> closed, and failed from connecting or, on a fatal
// error, from connected. Failed and closed are final. DTLS starts when ICE is ready. If connect()
// has not been called by then it starts as a server, so that a client's first flight is answered;
// it stays "connecting" until connect() brings the fingerprint, and starts over if connect() makes
// us client.
//
// Sans-IO: after every call take what poll_transmit() and poll_event() have, and call on_timeout()
// at next_timeout(). Not thread-safe; sessions on different threads may share a Context.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/types.h"
#include "protocol/dtls/datagram_queue.h"
#include "protocol/dtls/fingerprint.h"
#include "protocol/dtls/srtp_keys.h"

namespace sluice::dtls {

class Connection;
class Context;

enum class Role : uint8_t { kAuto, kClient, kServer };
/// "auto", "client" or "server".
std::string_view to_string(Role role);
/// A type error for anything but the three names.
Result<Role> parse_role(std::string_view name);

enum class State : uint8_t { kNew, kConnecting, kConnected, kFailed, kClosed };
/// As in dtlsState: "new", "connecting", "connected", "failed", "closed".
std::string_view to_string(State state);

// What poll_event() reports.

struct Connecting {};
struct Connected {
  SrtpKeys srtp;
  std::string remote_certificate;  ///< PEM
};
struct Failed {
  std::string reason;  ///< for people
};
/// The peer has ended the connection. Not reported for our own close().
struct Closed {};
/// One record from the peer, i.e. one SCTP packet.
struct ApplicationData {
  Bytes bytes;  ///< valid until the next call of any kind on the session
};
using Event = std::variant<Connecting, Connected, Failed, Closed, ApplicationData>;

class Session {
 public:
  explicit Session(std::shared_ptr<const Context> context);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Takes the peer's parameters. Returns our role: server for a client, client otherwise.
  /// Nothing changes on an error: type errors for no fingerprint or malformed ones, a plain error
  /// for a second call, an invalid-state error once closed. A session that has failed before stays
  /// failed.
  Result<Role> connect(Role remote_role, std::span<const Fingerprint> remote_fingerprints,
                       Micros now);

  /// ICE has become connected or completed. Further calls have no effect.
  void on_ice_ready(Micros now);

  /// A datagram that the demultiplexer takes for DTLS. Ignored unless connecting or connected.
  void on_datagram(Bytes datagram, Micros now);

  [[nodiscard]] std::optional<Micros> next_timeout() const;
  void on_timeout(Micros now);

  /// One datagram to send, valid until the next call of any other kind.
  std::optional<Bytes> poll_transmit() { return transmit_.pop(); }

  std::optional<Event> poll_event();

  /// Sends `data` (1..16384 bytes) as one record in one datagram; keep it within the path's MTU.
  /// An invalid-state error unless connected, a type error for a wrong size.
  Result<void> send_application_data(Bytes data);

  /// Ends the session. Where a peer may be listening, a close_notify then waits in poll_transmit()
  /// and should be sent before the socket goes. No event follows.
  void close();

  [[nodiscard]] State state() const { return state_; }
  /// Our role: auto until connect() has decided it.
  [[nodiscard]] Role role() const { return role_; }
  /// Datagrams and records lost because they were not polled in time.
  [[nodiscard]] uint64_t dropped() const { return transmit_.dropped() + received_.dropped(); }

 private:
  void start(bool as_client, Micros now);
  /// Draws the consequences of what the connection has come to.
  void evaluate();
  void complete_handshake();
  void fail(std::string reason);

  std::shared_ptr<const Context> context_;
  State state_ = State::kNew;
  Role role_ = Role::kAuto;
  bool ice_ready_ = false;
  std::vector<Fingerprint> remote_fingerprints_;  // empty until connect()
  DatagramQueue transmit_;
  DatagramQueue received_;
  // Events in the order in which they can only occur: the beginning, received data, the end.
  bool connecting_event_ = false;
  std::optional<Connected> connected_event_;
  std::optional<Event> end_event_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace sluice::dtls
