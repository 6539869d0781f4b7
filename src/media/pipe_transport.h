// One end of a pipe between two routers, of one host or two, as the control thread sees it
// (ortc-model 1.9). Its consumers send all streams of a producer; what they send is produced on the
// pipe transport at the other end.
#pragma once

#include "base/error.h"
#include "media/settings.h"
#include "media/udp_transport.h"

namespace sluice::media {

class PipeTransport final : public UdpTransport {
 public:
  /// Whether its consumers have RTX.
  [[nodiscard]] bool rtx() const { return rtx_; }

  /// Tells where the other end is, and with SRTP its key; once. There is no handshake: media may
  /// flow at once. Errors: TypeError for a missing or malformed address or port, for a key of
  /// another suite than AEAD_AES_256_GCM, and for a key without SRTP (nothing changes then); Error
  /// when called again or closed.
  Result<void> connect(const PipeRemote& remote);

 private:
  friend class Router;

  PipeTransport(const std::shared_ptr<Router>& router, Engine& engine, unsigned loop)
      : UdpTransport(TransportType::kPipe, router, engine, loop) {}
  Result<void> start(const PipeTransportOptions& options);
  /// Looks at nothing of the options but the producer's id and `paused`.
  Result<ortc::NegotiatedConsumer> negotiate(const Producer& producer,
                                             const ConsumeOptions& options,
                                             ortc::SsrcAllocator& ssrcs) override;
  /// Producers come from many peers, each with a CNAME of its own.
  ortc::CnamePolicy* cname() override { return nullptr; }
  void describe(boost::json::object& out) const override;

  bool rtx_ = false;
};

}  // namespace sluice::media
