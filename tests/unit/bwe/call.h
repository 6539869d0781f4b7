// A call in virtual time: senders with the real controller, a shared bottleneck, receivers that
// answer with real feedback packets over a way of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "base/types.h"
#include "protocol/bwe/send_side_controller.h"
#include "protocol/rtcp/transport_feedback_generator.h"
#include "support/bottleneck_link.h"
#include "unit/bwe/support.h"

namespace sluice::bwe::test {

struct FlowSettings {
  BitRate initial = RateLimits::kDefaultInitial;
  BitRate desired = kilobits(5'000);
  /// What media is sent of the available rate; by default all of it up to the desired rate, as from
  /// an encoder that follows.
  std::function<BitRate(BitRate available)> media = nullptr;
  Micros starts{0};
};

/// One sender and its receiver.
class Flow {
 public:
  Flow(uint32_t id, uint64_t seed, const FlowSettings& settings, sluice::test::BottleneckLink& link,
       const net::Impairments& way_back);

  void tick(Micros now);
  void on_delivery(const sluice::test::BottleneckLink::Delivery& delivery);

  SendSideController& controller() { return controller_; }
  [[nodiscard]] uint32_t packets_sent() const { return packets_sent_; }

  /// One line of the log, every 10 ms.
  struct Sample {
    Micros at{0};
    BitRate available;
  };
  struct Arrival {
    Micros at{0};
    Micros queued{0};
    size_t size = 0;
  };
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }
  /// Mean rate on the wire that arrived in [from, to).
  [[nodiscard]] BitRate received(Micros from, Micros to) const;
  /// That share of the packets that arrived in [from, to) waited less, e.g. 0.95.
  [[nodiscard]] Micros queue_delay(double share, Micros from, Micros to) const;
  /// When the available rate first reached `rate` at or after `from`; Micros::max() if never.
  [[nodiscard]] Micros reached(BitRate rate, Micros from) const;
  /// When it first fell to `rate` or below.
  [[nodiscard]] Micros fell_to(BitRate rate, Micros from) const;

 private:
  void send_media(Micros now);
  void send_padding(Micros now);
  void send(size_t size, std::optional<PaddingPacket> padding, Micros now);
  void exchange_feedback(Micros now);

  uint32_t id_;
  FlowSettings settings_;
  sluice::test::BottleneckLink& link_;
  SendSideController controller_;
  rtcp::TransportFeedbackGenerator generator_;
  net::ImpairedLink way_back_;
  std::mt19937_64 random_;
  bool started_ = false;
  uint32_t packets_sent_ = 0;
  Micros next_frame_{0};
  Micros next_sample_{0};
  std::vector<Sample> samples_;
  std::vector<Arrival> arrivals_;
};

class Call {
 public:
  /// Feedback comes back over `way_back`; unless given, with the same delay and unhindered.
  Call(uint64_t seed, const net::Impairments& link, const std::vector<FlowSettings>& flows,
       std::optional<net::Impairments> way_back = std::nullopt);

  /// Runs until `end`, in steps of a millisecond.
  void run_until(Micros end);
  sluice::test::BottleneckLink& link() { return link_; }
  Flow& flow(size_t index = 0) { return *flows_[index]; }
  [[nodiscard]] Micros now() const { return now_; }

 private:
  sluice::test::BottleneckLink link_;
  std::vector<std::unique_ptr<Flow>> flows_;
  Micros now_{0};
};

}  // namespace sluice::bwe::test
