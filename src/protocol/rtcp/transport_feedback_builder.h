// Builds one transport-cc feedback, packet by packet, within the RTCP budget (media-plane 6.12).
//
// Symbols wait in a window until it is clear which chunk says them shortest: a run-length chunk for
// seven or more equal ones, a one-bit vector of 14 when none has a large delta, otherwise a two-bit
// vector of 7. Whatever waits always fits into one chunk, so the size is known at any time.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtcp/framing.h"
#include "protocol/rtcp/transport_feedback.h"

namespace sluice::rtcp {

class TransportFeedbackBuilder {
 public:
  enum class AddResult : uint8_t {
    kAdded,
    kIgnored,  ///< not newer than the newest packet of this feedback
    kFull,     ///< no room: send this feedback and go on with the next one
    /// Cannot be expressed: more than 8191 missing packets in front of it or more than 8.19 s from
    /// the packet before. This feedback is to be dropped and a new one started with the packet.
    kFatal,
  };

  /// Longest gap that is reported: what one run-length chunk holds.
  static constexpr uint16_t kMaxMissing = 0x1fff;
  /// Statuses in one feedback: eight full run-length chunks.
  static constexpr uint16_t kMaxStatuses = 8 * kMaxMissing;

  /// `max_size` is the largest packet in bytes, at least 32 and at most kRtcpBudget.
  explicit TransportFeedbackBuilder(size_t max_size = kRtcpBudget);

  /// Begins an empty feedback: `base` is the first sequence number it tells about, `base_time` is
  /// where the reference time (rounded down to 64 ms) is taken from.
  void start(SeqNum base, Micros base_time);

  /// Reports that `seq` arrived at `at`; the numbers since the last one added are missing.
  AddResult add(SeqNum seq, Micros at);

  [[nodiscard]] SeqNum base() const { return base_; }
  /// The newest packet told about. Only when there are statuses.
  [[nodiscard]] SeqNum latest() const {
    return SeqNum(static_cast<uint16_t>(base_.value + status_count_ - 1));
  }
  [[nodiscard]] uint16_t status_count() const { return status_count_; }
  [[nodiscard]] uint16_t received_count() const { return received_count_; }
  [[nodiscard]] uint16_t lost_count() const {
    return static_cast<uint16_t>(status_count_ - received_count_);
  }
  /// Bytes that `write` writes now, padding included.
  [[nodiscard]] size_t size() const {
    return packet_size(chunk_count_, window_.length > 0, deltas_size_);
  }

  /// Writes the feedback. False, and nothing written, when it does not fit.
  bool write(ByteWriter& writer, FeedbackHeader header, uint8_t feedback_count) const;

 private:
  /// Symbols that are in no chunk yet.
  struct Window {
    static constexpr uint16_t kSymbols = 14;

    std::array<PacketSymbol, kSymbols> symbols{};
    uint16_t length = 0;  ///< beyond 14 only while uniform
    bool uniform = true;
    bool large = false;

    void clear() { *this = {}; }
    void push(PacketSymbol symbol);
    /// The chunk for all that waits.
    [[nodiscard]] uint16_t chunk() const;
    [[nodiscard]] uint16_t run_length_chunk() const;
    [[nodiscard]] uint16_t one_bit_chunk() const;
    [[nodiscard]] uint16_t two_bit_chunk() const;
    void drop_first_seven();
  };
  /// Chunks that one call of `add` can complete: what waited, one that the missing packets fill up,
  /// their run, and the one that the received packet completes; with room to spare.
  struct Completed {
    std::array<uint16_t, 6> chunks{};
    size_t count = 0;
  };

  static constexpr size_t kFixedSize = kFeedbackHeaderSize + kTransportFeedbackFixedSize;
  static constexpr size_t kMaxContent = kRtcpBudget - kFixedSize;

  static size_t packet_size(size_t chunks, bool window_used, size_t deltas);
  static void append(Window& window, PacketSymbol symbol, uint16_t count, Completed& completed);

  size_t max_size_;
  SeqNum base_;
  uint16_t status_count_ = 0;
  uint16_t received_count_ = 0;
  int64_t reference_ = 0;     ///< units of 64 ms
  int64_t latest_ticks_ = 0;  ///< arrival of the last packet in units of 250 us
  Window window_;
  size_t chunk_count_ = 0;
  size_t deltas_size_ = 0;
  std::array<uint16_t, kMaxContent / 2> chunks_;
  std::array<uint8_t, kMaxContent> deltas_;
};

}  // namespace sluice::rtcp
