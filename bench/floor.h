// The least that forwarding can cost: receives, decrypts, encrypts for every receiver what it gets
// and sends, with the same sockets, batching and ciphers as the server, and nothing else. Who gets
// what is worked out beforehand.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "net/loop_handler.h"
#include "protocol/srtp/backend.h"
#include "protocol/srtp/inbound.h"
#include "protocol/srtp/outbound.h"
#include "subject.h"

namespace sluice::bench {

class Floor final : public Subject, public net::LoopHandler {
 public:
  /// `header_size` bytes of header go to the receivers, so that packets are as large as those of
  /// the server, which writes extensions.
  Floor(const Workload& workload, std::span<test::LoopbackSocket> receivers, size_t header_size);

  [[nodiscard]] const char* name() const override { return "floor"; }
  std::vector<test::Buffer> unprotect(size_t index, std::span<const test::Buffer> packets) override;
  void on_datagrams(std::span<net::Datagram> datagrams, Micros now) override;

 protected:
  test::Buffer protect(unsigned sender, const test::Buffer& packet) override;
  void expect(std::span<const Train> trains) override;

 private:
  /// A packet of the tick, by its place in it, on one of the receiver's streams.
  struct Planned {
    uint16_t packet = 0;
    uint16_t stream = 0;
  };
  struct Receiver {
    codecs::Layers target;
    std::unique_ptr<srtp::OutboundContext> context;
    std::vector<srtp::OutboundStream*> streams;
    net::Destination destination;
    std::unique_ptr<srtp::InboundContext> other_end;
    std::vector<Planned> plan;
  };
  /// A decrypted packet; its header has been made into the one to send.
  struct Plain {
    std::array<uint8_t, 2048> bytes;
    size_t payload_at = 0;
    size_t payload_size = 0;
  };

  void open(Bytes datagram);
  void forward();
  void encrypt();

  size_t header_size_;
  std::unique_ptr<srtp::Backend> backend_;
  std::unique_ptr<srtp::OutboundContext> sender_context_;
  std::unique_ptr<srtp::InboundContext> inbound_;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::vector<Plain> plain_;
  size_t expected_ = 0;
  size_t received_ = 0;
  std::array<srtp::RtpJob, srtp::Backend::kBlockSize> jobs_{};
  size_t job_count_ = 0;
};

}  // namespace sluice::bench
