// The SSRC table against a map, with many insertions and removals.
#include "protocol/srtp/stream_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace sluice::srtp {
namespace {

TEST(SrtpStreamTable, FindsWhatWasInserted) {
  StreamTable table(10);
  EXPECT_EQ(table.find(Ssrc(0)), nullptr);
  InboundStream* stream = table.insert(Ssrc(0));
  ASSERT_NE(stream, nullptr);
  EXPECT_EQ(table.find(Ssrc(0)), stream);
  EXPECT_EQ(table.find(Ssrc(0xffff'ffff)), nullptr);
}

TEST(SrtpStreamTable, RefusesMoreThanItsLimit) {
  StreamTable table(4096);
  for (uint32_t i = 0; i < 4096; ++i) {
    ASSERT_NE(table.insert(Ssrc(i * 65536)), nullptr) << i;
  }
  EXPECT_EQ(table.insert(Ssrc(1)), nullptr);
  EXPECT_EQ(table.size(), 4096u);
}

TEST(SrtpStreamTable, AgreesWithAMapOverRandomChanges) {
  StreamTable table(300);
  std::map<uint32_t, uint64_t> model;
  std::mt19937 random(3);
  for (uint32_t step = 0; step < 50'000; ++step) {
    const auto ssrc = static_cast<uint32_t>(random() % 400);
    InboundStream* stream = table.find(Ssrc(ssrc));
    ASSERT_EQ(stream != nullptr, model.contains(ssrc));
    if (stream != nullptr) {
      ASSERT_EQ(stream->rtp.highest(), model[ssrc]);
    }
    if (random() % 3 == 0) {
      ASSERT_EQ(table.remove(Ssrc(ssrc)), model.erase(ssrc) == 1);
    } else if (stream == nullptr && model.size() < 300) {
      stream = table.insert(Ssrc(ssrc));
      ASSERT_NE(stream, nullptr);
      ASSERT_TRUE(stream->rtp.empty()) << "state of a removed SSRC came back";
      stream->rtp.mark(step);
      model[ssrc] = step;
    }
    ASSERT_EQ(table.size(), model.size());
  }
}

}  // namespace
}  // namespace sluice::srtp
