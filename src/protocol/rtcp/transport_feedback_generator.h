// The receiving half of transport-wide congestion control (media-plane 8.6): records when packets
// arrive and reports them in regular feedbacks.
//
// Arrivals lie in a ring indexed by the extended wide sequence number; each slot carries its
// number, so nothing has to be cleared when the sequence moves on or jumps. What was reported
// counts for 500 ms more, because a late packet makes the report start over at it. The ring grows
// when a slot is still needed, up to half of the sequence space; it is not allocated before the
// first packet.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtcp/transport_feedback_builder.h"

namespace sluice::rtcp {

class TransportFeedbackGenerator {
 public:
  static constexpr Micros kDefaultInterval{100'000};
  static constexpr Micros kMinInterval{50'000};
  static constexpr Micros kMaxInterval{250'000};
  /// How long a reported arrival is remembered.
  static constexpr Micros kWindow{500'000};

  /// `sender` is the SSRC that our feedback names as its sender.
  explicit TransportFeedbackGenerator(Ssrc sender = Ssrc(0)) : sender_(sender) {}

  /// The transport is connected: arrivals count from now on.
  void start(Micros now);
  /// The transport is disconnected: whatever is pending is forgotten.
  void stop();

  /// A packet of stream `media` with wide sequence number `seq` arrived at `at`, a time on the same
  /// clock as `now` (the kernel's receive time where there is one).
  void on_packet(SeqNum seq, Ssrc media, Micros at);

  /// When feedback is due; nothing while there is nothing to report.
  [[nodiscard]] std::optional<Micros> next_timeout() const { return deadline_; }
  /// Makes feedback due, when the deadline has come, for `poll` to hand out.
  void on_timeout(Micros now);
  /// The next feedback packet to send, valid until the next call; empty when there is no more.
  Bytes poll();
  /// The share of packets that the feedback `poll` returned last tells as missing, 0..1.
  [[nodiscard]] double last_loss() const;

  /// Distance of feedbacks from the next one on; clamped to 50..250 ms.
  void set_interval(Micros interval);
  [[nodiscard]] Micros interval() const { return interval_; }

 private:
  struct Arrival {
    int64_t seq = kNone;
    Micros at{0};
  };
  /// No packet: extended numbers stay far away from it.
  static constexpr int64_t kNone = INT64_MIN;
  /// 500 ms of 1000 packets/s.
  static constexpr size_t kInitialCapacity = 512;
  static constexpr size_t kMaxCapacity = 32768;

  [[nodiscard]] Arrival& slot(int64_t seq) {
    return arrivals_[static_cast<size_t>(seq) & (arrivals_.size() - 1)];
  }
  /// True while a feedback may have to tell of the arrival.
  [[nodiscard]] bool needed(const Arrival& arrival) const;
  /// The slot for a new arrival of `seq`, in a ring as large as that takes.
  Arrival& take_slot(int64_t seq);
  void grow();
  Bytes write_feedback();

  Ssrc sender_;
  Ssrc media_;
  bool running_ = false;
  bool reporting_ = false;
  uint8_t feedback_count_ = 0;
  Micros interval_ = kDefaultInterval;
  Micros last_tick_{0};
  std::optional<Micros> deadline_;

  // Extended numbers. The next feedback tells of start_ .. end_ - 1; those below reported_ have
  // been told of before.
  int64_t start_ = 0;
  int64_t reported_ = 0;
  int64_t end_ = 0;  ///< 0 while there is no packet
  Micros last_arrival_{0};
  std::vector<Arrival> arrivals_;

  TransportFeedbackBuilder builder_;
  std::array<uint8_t, kRtcpBudget> buffer_;
};

/// The interval at which feedback takes about 5 % of an incoming rate, within the limits above; the
/// default one while the rate is unknown (0).
Micros feedback_interval(BitRate incoming);

}  // namespace sluice::rtcp
