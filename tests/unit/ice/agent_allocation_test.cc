// Answering a check on a known path takes no memory of ours: such requests come every few seconds
// from every peer, and from anyone who knows a ufrag.
#include "protocol/ice/server_table.h"
#include "support/allocation_counter.h"
#include "unit/ice/peer.h"

namespace sluice::ice {
namespace {

using test::allocation_count;

using AgentAllocation = AgentTest;

TEST_F(AgentAllocation, NoneForAnyRequestOnAKnownPath) {
  const std::vector<uint8_t> good = request(known_, {.use = true});
  const std::vector<uint8_t> wrong = request({known_.ufrag, "guess"}, {});
  const std::vector<uint8_t> incomplete = request(known_, {.with_fingerprint = false});
  check(1, {.use = true});
  check(2);
  events();
  const size_t before = allocation_count();
  for (const auto* datagram : {&good, &wrong, &incomplete, &good}) {
    agent_.on_stun(*datagram, path(1), now_);
    EXPECT_TRUE(agent_.poll_transmit());
    EXPECT_FALSE(agent_.poll_event());
  }
  EXPECT_TRUE(agent_.latch(path(2), now_));
  EXPECT_TRUE(agent_.poll_event());
  EXPECT_EQ(allocation_count() - before, 0u);
}

TEST(ServerTableAllocation, NoneForLookups) {
  ServerTable table;
  table.add_tuple(path(1), 1);
  const size_t before = allocation_count();
  EXPECT_TRUE(table.find(path(1)));
  EXPECT_FALSE(table.find(path(2)));
  EXPECT_EQ(allocation_count() - before, 0u);
}

}  // namespace
}  // namespace sluice::ice
