// Ids of producers on one transport (ortc-model 3.9, rows E13 to E15).
#include "protocol/ortc/rtp_id_registry.h"

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

/// Parameters with that mid (JSON) and these encodings.
RtpParameters ids(std::string_view mid, std::string_view encodings) {
  return must(read<RtpParameters>(R"({"codecs": [], "mid": )" + std::string(mid) +
                                  R"(, "encodings": )" + std::string(encodings) + "}"));
}

const RtpParameters& first() {
  static const RtpParameters kFirst = ids("\"0\"", R"([{"ssrc": 1, "rtx": {"ssrc": 2}}])");
  return kFirst;
}

TEST(RtpIdRegistry, E13MediaAndRtxSsrcsShareOneSpace) {
  RtpIdRegistry registry;
  ASSERT_TRUE(registry.add(first()));
  for (const std::string_view encodings :
       {R"([{"ssrc": 1}])", R"([{"ssrc": 2}])", R"([{"rtx": {"ssrc": 1}}])",
        R"([{"ssrc": 3, "rtx": {"ssrc": 2}}])", R"([{"ssrc": 3}, {"ssrc": 1}])"}) {
    EXPECT_EQ(outcome(registry.add(ids("\"1\"", encodings))), "Error") << encodings;
  }
}

TEST(RtpIdRegistry, E13OneSsrcTwiceInOneProducer) {
  RtpIdRegistry registry;
  EXPECT_EQ(outcome(registry.add(ids("\"0\"", R"([{"ssrc": 1}, {"ssrc": 1}])"))), "Error");
  EXPECT_EQ(outcome(registry.add(ids("\"0\"", R"([{"ssrc": 1, "rtx": {"ssrc": 1}}])"))), "Error");
  EXPECT_TRUE(registry.empty());
}

TEST(RtpIdRegistry, E14OneMidTwice) {
  RtpIdRegistry registry;
  ASSERT_TRUE(registry.add(first()));
  EXPECT_EQ(outcome(registry.add(ids("\"0\"", R"([{"ssrc": 3}])"))), "Error");
  EXPECT_EQ(outcome(registry.add(ids("\"1\"", R"([{"ssrc": 3}])"))), "ok");
}

TEST(RtpIdRegistry, ProducersWithoutMidDoNotCollideInIt) {
  RtpIdRegistry registry;
  EXPECT_TRUE(registry.add(ids("null", R"([{"ssrc": 3}])")));
  EXPECT_TRUE(registry.add(ids("null", R"([{"ssrc": 4}])")));
}

TEST(RtpIdRegistry, ProducersWithMidMayShareRids) {
  RtpIdRegistry registry;
  EXPECT_TRUE(registry.add(ids("\"0\"", R"([{"rid": "r0"}, {"rid": "r1"}])")));
  EXPECT_TRUE(registry.add(ids("\"1\"", R"([{"rid": "r0"}, {"rid": "r1"}])")));
}

TEST(RtpIdRegistry, E15WithoutMidARidMustBeFree) {
  RtpIdRegistry registry;
  ASSERT_TRUE(registry.add(ids("\"0\"", R"([{"rid": "r1"}])")));
  EXPECT_EQ(outcome(registry.add(ids("null", R"([{"rid": "r0"}, {"rid": "r1"}])"))), "Error");
  EXPECT_EQ(outcome(registry.add(ids("null", R"([{"rid": "r0"}])"))), "ok");
  EXPECT_EQ(outcome(registry.add(ids("\"1\"", R"([{"rid": "r0"}])"))), "ok");
}

TEST(RtpIdRegistry, E15OneRidTwiceInOneProducer) {
  RtpIdRegistry registry;
  EXPECT_EQ(outcome(registry.add(ids("null", R"([{"rid": "r0"}, {"rid": "r0"}])"))), "Error");
  EXPECT_TRUE(registry.empty());
}

TEST(RtpIdRegistry, NothingOfARefusedProducerStays) {
  RtpIdRegistry registry;
  const RtpParameters taken = ids("\"0\"", R"([{"ssrc": 1, "rid": "r1"}])");
  ASSERT_TRUE(registry.add(taken));
  ASSERT_FALSE(registry.add(ids("\"1\"", R"([{"ssrc": 2, "rid": "r0"}, {"ssrc": 1}])")));
  ASSERT_FALSE(registry.add(ids("\"0\"", R"([{"ssrc": 2, "rid": "r0"}])")));
  ASSERT_FALSE(registry.add(ids("null", R"([{"ssrc": 2, "rid": "r0"}, {"rid": "r1"}])")));
  EXPECT_TRUE(registry.add(ids("\"1\"", R"([{"ssrc": 2}])")));
  EXPECT_TRUE(registry.add(ids("null", R"([{"rid": "r0"}])")));
  registry.remove(taken);
  registry.remove(ids("\"1\"", R"([{"ssrc": 2}])"));
  registry.remove(ids("null", R"([{"rid": "r0"}])"));
  EXPECT_TRUE(registry.empty());
}

TEST(RtpIdRegistry, FreedIdsAreFree) {
  RtpIdRegistry registry;
  const RtpParameters with_rids = ids("null", R"([{"rid": "r0"}, {"rid": "r1"}])");
  ASSERT_TRUE(registry.add(first()));
  ASSERT_TRUE(registry.add(with_rids));
  registry.remove(first());
  registry.remove(with_rids);
  EXPECT_TRUE(registry.empty());
  EXPECT_TRUE(registry.add(first()));
  EXPECT_TRUE(registry.add(with_rids));
}

TEST(RtpIdRegistry, ASharedRidIsFreeWhenItsLastProducerIs) {
  RtpIdRegistry registry;
  const RtpParameters a = ids("\"0\"", R"([{"rid": "r0"}])");
  const RtpParameters b = ids("\"1\"", R"([{"rid": "r0"}])");
  const RtpParameters without_mid = ids("null", R"([{"rid": "r0"}])");
  ASSERT_TRUE(registry.add(a));
  ASSERT_TRUE(registry.add(b));
  registry.remove(a);
  EXPECT_FALSE(registry.add(without_mid));
  registry.remove(b);
  EXPECT_TRUE(registry.add(without_mid));
}

}  // namespace
}  // namespace sluice::ortc
