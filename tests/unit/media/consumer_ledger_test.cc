// Which loops have consumers of a producer.
#include "media/consumer_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct FakeConsumer {};

TEST(ConsumerLedger, TellsTheFirstAndTheLastOfEachLoop) {
  ConsumerLedger<FakeConsumer> ledger;
  EXPECT_TRUE(ledger.add(1, {}, 0));
  EXPECT_FALSE(ledger.add(2, {}, 0));
  EXPECT_TRUE(ledger.add(3, {}, 1));
  EXPECT_FALSE(ledger.remove(1, 0));
  EXPECT_TRUE(ledger.remove(3, 1));
  EXPECT_TRUE(ledger.remove(2, 0));
  EXPECT_TRUE(ledger.add(4, {}, 0)) << "the loop has none any more";
}

TEST(ConsumerLedger, ForgetsEachOnce) {
  ConsumerLedger<FakeConsumer> ledger;
  ledger.add(1, {}, 0);
  ledger.add(2, {}, 0);
  EXPECT_FALSE(ledger.remove(1, 0));
  EXPECT_FALSE(ledger.remove(1, 0));
  EXPECT_FALSE(ledger.remove(7, 0)) << "never was here";
  EXPECT_TRUE(ledger.remove(2, 0));
}

TEST(ConsumerLedger, ListsThoseThatExistInOrderOfCreation) {
  ConsumerLedger<FakeConsumer> ledger;
  EXPECT_THAT(ledger.consumers(), IsEmpty());
  const auto later = std::make_shared<FakeConsumer>();
  auto gone = std::make_shared<FakeConsumer>();
  const auto early = std::make_shared<FakeConsumer>();
  ledger.add(9, later, 0);
  ledger.add(5, gone, 1);
  ledger.add(2, early, 1);
  gone.reset();
  EXPECT_THAT(ledger.consumers(), ElementsAre(early, later));
}

}  // namespace
}  // namespace sluice::media::test
