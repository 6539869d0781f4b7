// Nothing is allocated per packet sent or acknowledged in steady state.
#include <gtest/gtest.h>

#include "protocol/bwe/receive_side_estimator.h"
#include "protocol/bwe/send_side_controller.h"
#include "protocol/rtp/extension_values.h"
#include "support.h"
#include "support/allocation_counter.h"

namespace sluice::bwe::test {
namespace {

using sluice::test::allocations_of;

TEST(Allocation, SenderInSteadyState) {
  SendSideController controller({.packet_overhead = 44});
  controller.set_desired(kilobits(8000), RateLimits::Fall::kSlow, ms(0));
  controller.start(ms(0));
  uint16_t next = 0;
  std::vector<FeedbackPacket::Arrival> arrivals;
  uint64_t allocated = 0;
  for (Micros now = ms(1); now < seconds(30); now += ms(1)) {
    arrivals.push_back({next, now + ms(40)});
    const bool steady = now > seconds(5);
    const size_t sending =
        allocations_of([&] { controller.on_packet_sent(SeqNum(next++), 956, std::nullopt, now); });
    allocated += steady ? sending : 0;
    if (now % ms(100) != Micros(0)) {
      continue;
    }
    const FeedbackPacket packet(arrivals.front().seq, arrivals);
    const auto feedback = packet.parsed();
    arrivals.clear();
    const size_t adapting = allocations_of([&] {
      controller.on_transport_feedback(feedback, now);
      controller.on_timeout(now);
      controller.poll_available();
      while (const auto padding = controller.poll_padding(now)) {
        controller.on_packet_sent(SeqNum(next++), padding->size, padding, now);
      }
    });
    allocated += steady ? adapting : 0;
  }
  EXPECT_EQ(allocated, 0);
  EXPECT_GT(controller.available(), kilobits(7000));
}

TEST(Allocation, ReceiverInSteadyState) {
  ReceiveSideEstimator estimator;
  uint64_t allocated = 0;
  int announced = 0;
  for (Micros now = ms(1); now < seconds(30); now += ms(1)) {
    const size_t receiving = allocations_of([&] {
      announced +=
          estimator.on_packet(rtp::to_abs_send_time(now), Ssrc(1), 1000, now + ms(50)) ? 1 : 0;
    });
    allocated += now > seconds(10) ? receiving : 0;
  }
  EXPECT_GT(announced, 50);
  EXPECT_EQ(allocated, 0);
}

}  // namespace
}  // namespace sluice::bwe::test
