#include "protocol/rtcp/transport_feedback_builder.h"

#include <algorithm>
#include <limits>

namespace sluice::rtcp {
namespace {

constexpr uint16_t kVector = 0x8000;
constexpr uint16_t kTwoBit = 0x4000;
constexpr uint16_t kTwoBitSymbols = 7;
/// From here on a run-length chunk says more than a two-bit vector.
constexpr uint16_t kMinRun = 7;
constexpr int64_t kTicksPerReference = kReferenceTimeUnit / kFeedbackTimeUnit;

constexpr size_t round_up_to_word(size_t size) {
  return (size + 3) & ~size_t{3};
}

constexpr int64_t floor_div(int64_t value, int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

}  // namespace

void TransportFeedbackBuilder::Window::push(PacketSymbol symbol) {
  uniform = length == 0 || (uniform && symbols[0] == symbol);
  large = large || symbol == PacketSymbol::kLargeDelta;
  if (length < kSymbols) {
    symbols[length] = symbol;
  }
  ++length;
}

uint16_t TransportFeedbackBuilder::Window::run_length_chunk() const {
  return static_cast<uint16_t>(static_cast<unsigned>(symbols[0]) << 13 | length);
}

uint16_t TransportFeedbackBuilder::Window::one_bit_chunk() const {
  unsigned chunk = kVector;
  for (uint16_t i = 0; i < std::min(length, kSymbols); ++i) {
    chunk |= static_cast<unsigned>(symbols[i]) << (13 - i);
  }
  return static_cast<uint16_t>(chunk);
}

uint16_t TransportFeedbackBuilder::Window::two_bit_chunk() const {
  unsigned chunk = kVector | kTwoBit;
  for (uint16_t i = 0; i < std::min(length, kTwoBitSymbols); ++i) {
    chunk |= static_cast<unsigned>(symbols[i]) << (12 - 2 * i);
  }
  return static_cast<uint16_t>(chunk);
}

uint16_t TransportFeedbackBuilder::Window::chunk() const {
  if (uniform && length >= kMinRun) {
    return run_length_chunk();
  }
  return length > kTwoBitSymbols ? one_bit_chunk() : two_bit_chunk();
}

void TransportFeedbackBuilder::Window::drop_first_seven() {
  const Window before = *this;
  clear();
  for (uint16_t i = kTwoBitSymbols; i < before.length; ++i) {
    push(before.symbols[i]);
  }
}

void TransportFeedbackBuilder::append(Window& window, PacketSymbol symbol, uint16_t count,
                                      Completed& completed) {
  const auto complete = [&completed](uint16_t chunk) {
    completed.chunks[completed.count++] = chunk;
  };
  while (count > 0) {
    if (window.uniform && (window.length == 0 || window.symbols[0] == symbol)) {
      // The run goes on. Filling the array first keeps it valid if the run ends early.
      while (count > 0 && window.length < Window::kSymbols) {
        window.push(symbol);
        --count;
      }
      const auto more =
          std::min<uint16_t>(count, static_cast<uint16_t>(kMaxMissing - window.length));
      window.length = static_cast<uint16_t>(window.length + more);
      count = static_cast<uint16_t>(count - more);
      if (window.length == kMaxMissing) {
        complete(window.run_length_chunk());
        window.clear();
      }
      continue;
    }
    if (window.uniform && window.length >= kMinRun) {
      complete(window.run_length_chunk());
      window.clear();
      continue;
    }
    const bool large = window.large || symbol == PacketSymbol::kLargeDelta;
    if (large && window.length >= kTwoBitSymbols) {
      complete(window.two_bit_chunk());
      window.drop_first_seven();
      continue;
    }
    window.push(symbol);
    --count;
    if (window.length == (large ? kTwoBitSymbols : Window::kSymbols)) {
      complete(window.chunk());
      window.clear();
    }
  }
}

TransportFeedbackBuilder::TransportFeedbackBuilder(size_t max_size)
    : max_size_(std::clamp(max_size & ~size_t{3}, size_t{32}, kRtcpBudget)) {}

void TransportFeedbackBuilder::start(SeqNum base, Micros base_time) {
  base_ = base;
  status_count_ = 0;
  received_count_ = 0;
  reference_ = floor_div(base_time.count(), kReferenceTimeUnit.count());
  latest_ticks_ = reference_ * kTicksPerReference;
  window_.clear();
  chunk_count_ = 0;
  deltas_size_ = 0;
}

size_t TransportFeedbackBuilder::packet_size(size_t chunks, bool window_used, size_t deltas) {
  return round_up_to_word(kFixedSize + (chunks + (window_used ? 1 : 0)) * 2 + deltas);
}

TransportFeedbackBuilder::AddResult TransportFeedbackBuilder::add(SeqNum seq, Micros at) {
  const auto missing = static_cast<uint16_t>(seq.value - base_.value - status_count_);
  if (missing >= 0x8000) {
    return AddResult::kIgnored;
  }
  const int64_t ticks = floor_div(at.count(), kFeedbackTimeUnit.count());
  const int64_t delta = ticks - latest_ticks_;
  if (missing > kMaxMissing || delta > std::numeric_limits<int16_t>::max() ||
      delta < std::numeric_limits<int16_t>::min()) {
    return AddResult::kFatal;
  }
  if (status_count_ + missing + 1 > kMaxStatuses) {
    return AddResult::kFull;
  }

  const bool small = delta >= 0 && delta <= std::numeric_limits<uint8_t>::max();
  const size_t delta_size = small ? 1 : 2;
  Window window = window_;
  Completed completed;
  append(window, PacketSymbol::kMissing, missing, completed);
  append(window, small ? PacketSymbol::kSmallDelta : PacketSymbol::kLargeDelta, 1, completed);
  if (packet_size(chunk_count_ + completed.count, window.length > 0, deltas_size_ + delta_size) >
      max_size_) {
    return AddResult::kFull;
  }

  window_ = window;
  for (size_t i = 0; i < completed.count; ++i) {
    chunks_[chunk_count_++] = completed.chunks[i];
  }
  if (small) {
    deltas_[deltas_size_] = static_cast<uint8_t>(delta);
  } else {
    store_be16(&deltas_[deltas_size_], static_cast<uint16_t>(delta));
  }
  deltas_size_ += delta_size;
  latest_ticks_ = ticks;
  status_count_ = static_cast<uint16_t>(status_count_ + missing + 1);
  ++received_count_;
  return AddResult::kAdded;
}

bool TransportFeedbackBuilder::write(ByteWriter& writer, FeedbackHeader header,
                                     uint8_t feedback_count) const {
  const size_t total = size();
  if (writer.remaining() < total) {
    return false;
  }
  const bool window_used = window_.length > 0;
  const size_t padding =
      total - (kFixedSize + (chunk_count_ + (window_used ? 1 : 0)) * 2 + deltas_size_);
  write_common_header(writer, static_cast<uint8_t>(TransportFormat::kTransportCc),
                      PacketType::kTransportFeedback, total, padding > 0);
  writer.u32(header.sender.value);
  writer.u32(header.media.value);
  writer.u16(base_.value);
  writer.u16(status_count_);
  writer.u24(static_cast<uint32_t>(reference_ & 0xffffff));
  writer.u8(feedback_count);
  for (size_t i = 0; i < chunk_count_; ++i) {
    writer.u16(chunks_[i]);
  }
  if (window_used) {
    writer.u16(window_.chunk());
  }
  writer.bytes({deltas_.data(), deltas_size_});
  if (padding > 0) {
    writer.zeros(padding - 1);
    writer.u8(static_cast<uint8_t>(padding));
  }
  return true;
}

}  // namespace sluice::rtcp
