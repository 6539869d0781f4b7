#include "protocol/rtcp/transport_feedback.h"

#include <algorithm>

namespace sluice::rtcp {
namespace {

constexpr uint16_t kVectorFlag = 0x8000;
constexpr uint16_t kTwoBitFlag = 0x4000;
constexpr uint8_t kOneBitSymbols = 14;
constexpr uint8_t kTwoBitSymbols = 7;

/// Sign-extends 24 bits.
int32_t sign_extend_24(uint32_t bits) {
  return static_cast<int32_t>(bits << 8) >> 8;
}

}  // namespace

std::optional<TransportFeedback::Run> TransportFeedback::ChunkCursor::next() {
  if (left_ == 0 || !ok_) {
    return std::nullopt;
  }
  if (vector_symbols_ == 0) {
    const uint16_t chunk = reader_.u16();
    if (!reader_.ok()) {
      ok_ = false;
      return std::nullopt;
    }
    if ((chunk & kVectorFlag) == 0) {
      const Run run{static_cast<PacketSymbol>(chunk >> 13 & 3),
                    static_cast<uint16_t>(chunk & 0x1fff)};
      if (run.symbol == PacketSymbol::kReserved || run.count > left_) {
        ok_ = false;
        return std::nullopt;
      }
      left_ = static_cast<uint16_t>(left_ - run.count);
      return run;
    }
    const bool two_bits = (chunk & kTwoBitFlag) != 0;
    symbol_bits_ = two_bits ? 2 : 1;
    vector_symbols_ = two_bits ? kTwoBitSymbols : kOneBitSymbols;
    vector_ = static_cast<uint16_t>(chunk << 2);
  }
  const auto symbol = static_cast<PacketSymbol>(vector_ >> (16 - symbol_bits_));
  if (symbol == PacketSymbol::kReserved) {
    ok_ = false;
    return std::nullopt;
  }
  vector_ = static_cast<uint16_t>(vector_ << symbol_bits_);
  --vector_symbols_;
  --left_;
  return Run{symbol, 1};
}

std::optional<TransportFeedback> TransportFeedback::parse(const Frame& frame) {
  const auto header = FeedbackHeader::read(frame);
  if (!header) {
    return std::nullopt;
  }
  TransportFeedback feedback;
  feedback.header_ = *header;
  ByteReader reader(FeedbackHeader::fci(frame));
  feedback.base_ = SeqNum(reader.u16());
  feedback.status_count_ = reader.u16();
  feedback.reference_time_ = sign_extend_24(reader.u24());
  feedback.feedback_count_ = reader.u8();
  if (!reader.ok()) {
    return std::nullopt;
  }

  const Bytes content = reader.rest();
  ChunkCursor cursor(content, feedback.status_count_);
  size_t deltas_size = 0;
  while (const auto run = cursor.next()) {
    // The symbol of a received packet is also the size of its delta.
    deltas_size += static_cast<size_t>(run->symbol) * run->count;
    if (run->symbol != PacketSymbol::kMissing) {
      feedback.received_count_ = static_cast<uint16_t>(feedback.received_count_ + run->count);
    }
  }
  if (!cursor.ok() || content.size() - cursor.position() < deltas_size) {
    return std::nullopt;
  }
  feedback.chunks_ = content.first(cursor.position());
  feedback.deltas_ = content.subspan(cursor.position(), deltas_size);
  // Padding that is marked has been taken off; some senders fill up with zeros and do not mark it.
  const Bytes rest = content.subspan(cursor.position() + deltas_size);
  const bool zeros = std::ranges::all_of(rest, [](uint8_t octet) { return octet == 0; });
  if (!rest.empty() && (frame.padded || rest.size() > 3 || !zeros)) {
    return std::nullopt;
  }
  return feedback;
}

Micros reference_time_delta(int32_t from, int32_t to) {
  return sign_extend_24(static_cast<uint32_t>(to) - static_cast<uint32_t>(from)) *
         kReferenceTimeUnit;
}

}  // namespace sluice::rtcp
