// A transport whose other end is the program itself: its producers take RTP and its data producers
// messages from the program, its consumers and data consumers hand them to it.
#pragma once

#include <functional>

#include "sluice/error.h"
#include "sluice/event.h"
#include "sluice/transport.h"
#include "sluice/types.h"

namespace sluice {

class DirectTransport : public Transport {
 public:
  DirectTransport() = default;
  /// The transport as what it is; refers to nothing when it is of another kind.
  explicit DirectTransport(const Transport& transport);

  /// Takes an RTCP packet as if it were received. One that is malformed or larger than 1600 bytes
  /// is dropped. Error: closed.
  Result<void> send_rtcp(Bytes packet) const;

  /// RTCP that goes out here: reports and feedback. The bytes are valid for the call.
  Connection on_rtcp(std::function<void(Bytes)> listener) const;
};

}  // namespace sluice
