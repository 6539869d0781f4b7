// A direct transport on its loop: its other end is the application itself (media-plane 10.3).
//
// What is sent waits in the loop's send queue like everything else, for a destination without a
// socket, and is taken out at the end of the turn. The application gets the packets of one or more
// turns together, and no more of them before it has taken these: a slow one loses packets instead
// of filling the memory. When the queue overflows within a turn, what waits there for applications
// is lost, as on a network.
#pragma once

#include <cstdint>

#include "base/types.h"
#include "media/events.h"
#include "media/loop_setup.h"
#include "media/loop_transport.h"

namespace sluice::media {

class LoopDirectTransport final : public LoopTransport {
 public:
  LoopDirectTransport(MediaLoop& loop, const DirectSetup& setup);

  /// RTP or RTCP of the application, which is taken for what was received.
  void on_packet(Bytes packet, Micros now);
  /// At the end of a turn.
  void deliver();
  /// The application has taken what was last delivered.
  void on_taken() { delivery_open_ = false; }
  void close(Micros now) override;

 private:
  /// Whose packet it is: a consumer's, or 0.
  Handle consumer_of(Bytes packet);

  DirectPackets waiting_;
  bool delivery_open_ = false;
};

}  // namespace sluice::media
