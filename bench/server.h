// The server: one media loop with the senders and all receivers connected through ICE and DTLS.
// Video consumers have NACK and RTX; all have MID, abs-send-time and transport-wide sequence
// numbers, those of audio its level too.
#pragma once

#include <memory>
#include <vector>

#include "media/interconnect.h"
#include "media/media_loop.h"
#include "protocol/srtp/backend.h"
#include "subject.h"

namespace sluice::bench {

class Server final : public Subject {
 public:
  /// Comes back when every consumer gets the layers that it is to get.
  Server(const Workload& workload, std::span<test::LoopbackSocket> receivers);
  ~Server() override;

  [[nodiscard]] const char* name() const override { return "sluice"; }
  std::vector<test::Buffer> unprotect(size_t index, std::span<const test::Buffer> packets) override;

 protected:
  test::Buffer protect(unsigned sender, const test::Buffer& packet) override;

 private:
  struct Connection {
    media::Handle handle = 0;
    std::unique_ptr<test::TestPeer> peer;
  };

  [[nodiscard]] media::MediaLoop& media();
  Connection connect(test::LoopbackSocket& socket);
  [[nodiscard]] media::ProducerSetup producer_setup(unsigned sender) const;
  media::ConsumerSetup consumer_setup(size_t receiver, unsigned sender);
  void settle_layers();
  void send_reports();
  /// Runs turns until nothing more comes of what was sent.
  void run_turns();

  std::unique_ptr<srtp::Backend> backend_;
  std::unique_ptr<media::Interconnect> interconnect_;
  std::unique_ptr<media::MediaLoop> media_;
  std::vector<Connection> sender_connections_;
  std::vector<Connection> receivers_;
  media::Handle last_handle_ = 0;
};

}  // namespace sluice::bench
