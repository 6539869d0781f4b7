// The server: one media loop with a sender and all receivers connected through ICE and DTLS, and a
// VP8 consumer with NACK and RTX, MID, abs-send-time and transport-wide sequence numbers on each.
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
  Server(const VideoShape& shape, std::span<test::LoopbackSocket> receivers);
  ~Server() override;

  [[nodiscard]] const char* name() const override { return "sluice"; }
  std::vector<test::Buffer> unprotect(size_t index, std::span<const test::Buffer> packets) override;

 protected:
  test::Buffer protect(const test::Buffer& packet) override;

 private:
  struct Connection {
    media::Handle handle = 0;
    std::unique_ptr<test::TestPeer> peer;
  };

  [[nodiscard]] media::MediaLoop& media();
  Connection connect(test::LoopbackSocket& socket);
  [[nodiscard]] media::ProducerSetup producer_setup() const;
  media::ConsumerSetup consumer_setup(media::Handle transport);

  std::unique_ptr<srtp::Backend> backend_;
  std::unique_ptr<media::Interconnect> interconnect_;
  std::unique_ptr<media::MediaLoop> media_;
  Connection sender_connection_;
  std::vector<Connection> receivers_;
  media::Handle last_handle_ = 0;
};

}  // namespace sluice::bench
