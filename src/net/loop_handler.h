// What a loop calls. One call per batch, never per packet.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "base/types.h"
#include "net/udp_receiver.h"

namespace sluice::net {

enum class TcpCloseReason : uint8_t {
  kPeer,             ///< the peer ended the connection
  kError,            ///< reset, timeout or another error of the connection
  kOversizeFrame,    ///< the peer announced a frame past the limit
  kUnauthenticated,  ///< no `mark_authenticated` in time
  kSendOverflow,     ///< the peer does not read
};

/// All calls come on the loop's thread. Any of them may use the loop freely: send, close, add.
class LoopHandler {
 public:
  virtual ~LoopHandler() = default;

  /// Datagrams of one socket, in order of arrival. Their bytes are gone when this returns.
  virtual void on_datagrams(std::span<Datagram> datagrams, Micros now);
  /// A new connection, not authenticated yet. `local` is the address the peer connected to.
  virtual void on_tcp_opened(uint32_t connection, const SocketAddress& remote,
                             const SocketAddress& local, Micros now);
  /// One frame, without its length prefix; may be changed in place until this returns.
  virtual void on_tcp_frame(uint32_t connection, MutableBytes frame, Micros now);
  /// The connection has ended, not by `close_tcp`. Its number is not used again for a long time.
  virtual void on_tcp_closed(uint32_t connection, TcpCloseReason reason, Micros now);
  /// Once a turn, after the sockets: the place to empty rings from other loops.
  virtual void on_turn(Micros now);
  /// Once a turn, after the timers that were due and before everything is sent.
  virtual void on_timers(Micros now);
};

}  // namespace sluice::net
