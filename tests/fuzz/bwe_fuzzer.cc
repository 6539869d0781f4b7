// links: sluice_bwe
// Both estimators under any order of packets, feedback, reports, limits and time. Whatever a peer
// says, rates stay within their limits, memory within its own, and timers do not run wild.
#include <array>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "protocol/bwe/probation_packet.h"
#include "protocol/bwe/receive_side_estimator.h"
#include "protocol/bwe/send_side_controller.h"
#include "protocol/rtcp/transport_feedback.h"

namespace {

using namespace sluice;
using namespace sluice::bwe;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

class Session {
 public:
  explicit Session(ByteReader& reader)
      : reader_(reader),
        sender_(
            {.feedback = reader.u8() % 2 == 0 ? RateFeedback::kTransportCc : RateFeedback::kRemb,
             .initial = BitRate(reader.u32()),
             .packet_overhead = reader.u8()}) {}

  void run() {
    while (reader_.ok() && reader_.remaining() >= 2) {
      // A step of up to 65 ms, or one that is 256 times as long.
      const uint8_t action = reader_.u8();
      const int64_t step = int64_t{reader_.u8()} * 256;
      now_ += Micros((action & 0x80) != 0 ? step * 256 : step);
      act(action % 12);
      check();
    }
  }

 private:
  void act(int action) {
    switch (action) {
      case 0:
        return sender_.start(now_);
      case 1:
        return sender_.stop();
      case 2:
        return send(1 + reader_.u8() % 64, reader_.u16());
      case 3:
        next_ = static_cast<uint16_t>(next_ + reader_.u16());
        return send(1, 1000);
      case 4:
        return feed_back();
      case 5:
        return report();
      case 6:
        return sender_.on_remb(BitRate(reader_.u32()), now_);
      case 7:
        return set_limits();
      case 8:
        return pass_time();
      case 9:
        return sender_.on_distributed(now_);
      case 10:
        return receive();
      default:
        return report_what_was_sent();
    }
  }

  void send(int count, uint16_t size) {
    for (int i = 0; i < count; ++i) {
      sender_.on_packet_sent(SeqNum(next_++), size, std::nullopt, now_);
    }
  }

  /// Any feedback that parses: its content is the input.
  void feed_back() {
    const size_t size = reader_.u8();
    std::array<uint8_t, 8 + 255> body{};
    const Bytes content = reader_.bytes(std::min(size, reader_.remaining()));
    std::copy(content.begin(), content.end(), body.begin() + 8);
    const rtcp::Frame frame{.type = rtcp::PacketType::kTransportFeedback,
                            .count = 15,
                            .body = Bytes(body).first(8 + content.size())};
    if (const auto feedback = rtcp::TransportFeedback::parse(frame)) {
      sender_.on_transport_feedback(*feedback, now_);
    }
  }

  /// Feedback about the last packets, which gets further than noise: one chunk of small deltas.
  void report_what_was_sent() {
    const uint8_t count = 1 + reader_.u8() % 64;
    std::array<uint8_t, 8 + 8 + 2 + 64> body{};
    ByteWriter writer(body);
    writer.zeros(8);
    writer.u16(static_cast<uint16_t>(next_ - count));
    writer.u16(count);
    writer.u24(static_cast<uint32_t>(now_ / rtcp::kReferenceTimeUnit + reader_.u8() % 4));
    writer.u8(0);
    writer.u16(static_cast<uint16_t>(1 << 13 | count));
    for (int i = 0; i < count; ++i) {
      writer.u8(reader_.u8());
    }
    const rtcp::Frame frame{
        .type = rtcp::PacketType::kTransportFeedback, .count = 15, .body = writer.written()};
    const auto feedback = rtcp::TransportFeedback::parse(frame);
    require(feedback.has_value());
    sender_.on_transport_feedback(*feedback, now_);
  }

  void report() {
    std::array<uint8_t, rtcp::ReportBlock::kWireSize> block{};
    const Bytes content = reader_.bytes(std::min(block.size(), reader_.remaining()));
    std::copy(content.begin(), content.end(), block.begin());
    sender_.on_receiver_report(rtcp::ReportBlock::read(block.data()), Micros(reader_.u24()), now_);
  }

  void set_limits() {
    const uint8_t what = reader_.u8();
    const BitRate rate(reader_.u32());
    switch (what % 5) {
      case 0:
        (void)sender_.set_max(rate, now_);
        return;
      case 1:
        (void)sender_.set_min(rate, now_);
        return;
      case 2:
        return sender_.set_packet_overhead(rate.value % 100);
      default:
        return sender_.set_desired(
            rate, what % 2 == 0 ? RateLimits::Fall::kSlow : RateLimits::Fall::kAtOnce, now_);
    }
  }

  void pass_time() {
    if (const auto due = sender_.next_timeout(); due && *due > now_ && reader_.u8() % 2 == 0) {
      now_ = *due;
    }
    sender_.on_timeout(now_);
    // Padding of one moment is bounded: by the clusters that can wait and half a second's budget.
    size_t bytes = 0;
    while (const auto padding = sender_.poll_padding(now_)) {
      require(padding->size <= kMaxPaddingSize);
      bytes += padding->size;
      require(bytes <= 4 * ProbeSender::kMaxClusters * kMaxPaddingSize +
                           2 * bytes_in(sender_.limits().max(), IntervalBudget::kWindow));
      require(probation_.compose(buffer_, padding->size, 0, SeqNum(next_)) >= padding->size);
      sender_.on_packet_sent(SeqNum(next_++), padding->size, padding, now_);
    }
  }

  void receive() {
    const uint8_t flags = reader_.u8();
    if (flags % 8 == 0) {
      receiver_.set_max(BitRate(reader_.u32()));
    }
    const auto told = receiver_.on_packet(reader_.u24(), Ssrc(reader_.u16()), reader_.u16(), now_);
    require(!told || (told->sources.size() <= ReceiveSideEstimator::kMaxSources &&
                      told->rate <= kHighestRate));
  }

  void check() {
    const BitRate available = sender_.available();
    require(available >= sender_.limits().min());
    require(available <= sender_.limits().max());
    if (const auto told = sender_.poll_available()) {
      require(*told == available);
    }
    require(sender_.loss() >= 0 && sender_.loss() <= 1);
    require(sender_.bytes_in_flight() <= SentPackets::kMaxCapacity * size_t{65'535});
    if (const auto rtt = sender_.rtt()) {
      require(*rtt >= Micros(0));
    }
  }

  ByteReader& reader_;
  SendSideController sender_;
  ReceiveSideEstimator receiver_;
  ProbationStream probation_{SeqNum(1), Timestamp(2)};
  std::array<uint8_t, 1500> buffer_{};
  Micros now_{1'000'000};
  uint16_t next_ = 65'500;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader reader({data, size});
  Session(reader).run();
  return 0;
}
