// The least that forwarding can cost: receives, decrypts, encrypts for every receiver and sends,
// with the same sockets, batching and ciphers as the server, and nothing else.
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
  Floor(const VideoShape& shape, std::span<test::LoopbackSocket> receivers, size_t header_size);

  [[nodiscard]] const char* name() const override { return "floor"; }
  std::vector<test::Buffer> unprotect(size_t index, std::span<const test::Buffer> packets) override;
  void on_datagrams(std::span<net::Datagram> datagrams, Micros now) override;

 protected:
  test::Buffer protect(const test::Buffer& packet) override;

 private:
  struct Receiver {
    std::unique_ptr<srtp::OutboundContext> context;
    srtp::OutboundStream* stream = nullptr;
    net::Destination destination;
    std::unique_ptr<srtp::InboundContext> other_end;
  };
  /// A decrypted packet; its header has been made into the one to send.
  struct Plain {
    std::array<uint8_t, 2048> bytes;
    size_t payload_at = 0;
    size_t payload_size = 0;
  };

  void add(const srtp::RtpJob& job);
  void encrypt();

  size_t header_size_;
  std::unique_ptr<srtp::Backend> backend_;
  std::unique_ptr<srtp::OutboundContext> sender_context_;
  std::unique_ptr<srtp::InboundContext> inbound_;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::vector<Plain> plain_;
  std::array<srtp::RtpJob, srtp::Backend::kBlockSize> jobs_{};
  size_t job_count_ = 0;
};

}  // namespace sluice::bench
