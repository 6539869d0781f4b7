// A transport whose other end is the application itself, as the control thread sees it: its
// producers take RTP and its data producers messages from the application, its consumers and data
// consumers hand them to it (ortc-model 1.10).
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "base/signal.h"
#include "media/settings.h"
#include "media/transport.h"

namespace sluice::media {

class DirectTransport final : public Transport {
 public:
  /// Larger packets of the application are dropped.
  static constexpr size_t kMaxPacketSize = 1600;

  /// There is nothing to connect to. Error: closed.
  Result<void> connect();
  /// Takes an RTCP packet as if it were received. One that is malformed or too large is dropped.
  /// Error: closed.
  Result<void> send_rtcp(Bytes packet);

  /// RTCP that goes out here: reports and feedback. The bytes are valid for the call.
  Signal<Bytes> on_rtcp;

 private:
  friend class Producer;
  friend class Router;

  DirectTransport(const std::shared_ptr<Router>& router, Engine& engine, unsigned loop)
      : Transport(TransportType::kDirect, router, engine, loop) {}
  Result<void> start(const DirectTransportOptions& options);
  /// Has the loop take a packet for a received one.
  Result<void> inject(Bytes packet);
  void on_event(const TransportEvent& event) override;
  void describe(boost::json::object& /*out*/) const override {}
  /// There is no network whose rate could be limited: UnsupportedError.
  Result<void> set_bitrate_limits(const BitrateLimits& limits) override;
};

}  // namespace sluice::media
