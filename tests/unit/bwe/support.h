// Shared by the tests of bandwidth estimation.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "base/types.h"
#include "protocol/bwe/feedback_adapter.h"
#include "protocol/bwe/rate.h"
#include "protocol/rtcp/transport_feedback.h"
#include "protocol/rtcp/transport_feedback_builder.h"

namespace sluice::bwe::test {

constexpr Micros ms(int64_t count) {
  return Micros(count * 1000);
}
constexpr Micros seconds(int64_t count) {
  return ms(count * 1000);
}
constexpr Micros us(int64_t count) {
  return Micros(count);
}

/// A feedback as a peer would send it. It keeps the bytes that the parsed feedback looks at.
class FeedbackPacket {
 public:
  struct Arrival {
    uint16_t seq;
    Micros at;
  };
  /// Reports `arrivals`, in order of their numbers, and the numbers between them as missing. Times
  /// are on the receiver's clock.
  FeedbackPacket(uint16_t base, const std::vector<Arrival>& arrivals) {
    rtcp::TransportFeedbackBuilder builder;
    builder.start(SeqNum(base), arrivals.front().at);
    for (const Arrival& arrival : arrivals) {
      builder.add(SeqNum(arrival.seq), arrival.at);
    }
    bytes_.resize(builder.size());
    ByteWriter writer(bytes_);
    builder.write(writer, {}, 0);
  }
  /// One from its fields: `chunks` and deltas as on the wire.
  FeedbackPacket(uint16_t base, uint16_t status_count, int32_t reference_time,
                 std::initializer_list<uint16_t> chunks, std::initializer_list<uint8_t> deltas) {
    constexpr size_t kFixed = rtcp::kFeedbackHeaderSize + rtcp::kTransportFeedbackFixedSize;
    const size_t content = chunks.size() * 2 + deltas.size();
    bytes_.resize(kFixed + (content + 3) / 4 * 4);
    ByteWriter writer(bytes_);
    rtcp::write_feedback_header(writer, rtcp::PacketType::kTransportFeedback,
                                static_cast<uint8_t>(rtcp::TransportFormat::kTransportCc), {},
                                bytes_.size() - rtcp::kFeedbackHeaderSize);
    writer.u16(base);
    writer.u16(status_count);
    writer.u24(static_cast<uint32_t>(reference_time) & 0xffffff);
    writer.u8(0);
    for (const uint16_t chunk : chunks) {
      writer.u16(chunk);
    }
    for (const uint8_t delta : deltas) {
      writer.u8(delta);
    }
  }

  [[nodiscard]] rtcp::TransportFeedback parsed() const {
    return *rtcp::TransportFeedback::parse(*rtcp::CompoundWalker(bytes_).next());
  }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace sluice::bwe::test
