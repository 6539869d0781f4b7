// Finding, creating and replacing the streams of a producer (media-plane 5.7).
#include "protocol/rtp/stream_table.h"

#include <gtest/gtest.h>

namespace sluice::rtp {
namespace {

using Action = StreamDecision::Action;
using Reason = StreamDecision::Reason;

constexpr uint8_t kMedia = 96;
constexpr uint8_t kRtx = 97;

class Producer {
 public:
  explicit Producer(std::vector<StreamEncoding> encodings)
      : table(std::move(encodings), {PayloadType{kMedia}, PayloadType{110}}) {}

  StreamDecision take(uint32_t ssrc, uint8_t payload_type, std::string_view rid = {},
                      std::string_view repaired_rid = {}) {
    return table.resolve(Ssrc{ssrc}, PayloadType{payload_type}, rid, repaired_rid, now);
  }

  StreamTable table;
  Micros now{10s};
};

StreamEncoding encoding(std::string rid, std::optional<Ssrc> ssrc = {},
                        std::optional<Ssrc> rtx_ssrc = {}) {
  return {.ssrc = ssrc,
          .rtx_ssrc = rtx_ssrc,
          .rid = std::move(rid),
          .payload_type = PayloadType{kMedia},
          .rtx_payload_type = PayloadType{kRtx}};
}

Producer with_rids() {
  return Producer({encoding("h"), encoding("m"), encoding("l")});
}
Producer with_ssrcs() {
  return Producer({encoding("", Ssrc{1}, Ssrc{2}), encoding("", Ssrc{3}, Ssrc{4})});
}
Producer with_nothing() {
  return Producer({encoding("")});
}

StreamDecision accepted(Action action, uint16_t stream) {
  return {.action = action, .reason = Reason::kNone, .stream = stream};
}
StreamDecision dropped(Reason reason) {
  return {.action = Action::kDrop, .reason = reason};
}

TEST(StreamTable, CreatesSignalledStreamsOnTheirFirstPacket) {
  Producer producer = with_ssrcs();
  EXPECT_EQ(producer.take(3, kMedia), accepted(Action::kCreateMedia, 1));
  EXPECT_EQ(producer.take(3, kMedia), accepted(Action::kMedia, 1));
  EXPECT_EQ(producer.take(4, kRtx), accepted(Action::kAttachRtx, 1));
  EXPECT_EQ(producer.take(4, kRtx), accepted(Action::kRtx, 1));
  EXPECT_EQ(producer.take(1, kMedia), accepted(Action::kCreateMedia, 0));
  EXPECT_EQ(producer.take(5, kMedia), dropped(Reason::kUnknownSsrc));
  EXPECT_EQ(producer.table.ssrc(1), Ssrc{3});
  EXPECT_EQ(producer.table.rtx_ssrc(1), Ssrc{4});
}

TEST(StreamTable, CreatesStreamsByRid) {
  Producer producer = with_rids();
  EXPECT_EQ(producer.take(100, kMedia, "m"), accepted(Action::kCreateMedia, 1));
  EXPECT_EQ(producer.take(100, kMedia), accepted(Action::kMedia, 1));
  EXPECT_EQ(producer.take(101, kRtx, "", "m"), accepted(Action::kAttachRtx, 1));
  EXPECT_EQ(producer.take(101, kRtx), accepted(Action::kRtx, 1));
  EXPECT_EQ(producer.take(200, kMedia, "h"), accepted(Action::kCreateMedia, 0));
  EXPECT_EQ(producer.take(201, kRtx, "h"), accepted(Action::kAttachRtx, 0));
  EXPECT_EQ(producer.take(300, kMedia, "x"), dropped(Reason::kUnknownRid));
  EXPECT_EQ(producer.take(300, kMedia), dropped(Reason::kUnknownSsrc));
}

TEST(StreamTable, Str01ASecondSsrcOfARidIsDropped) {  // STR-01
  Producer producer = with_rids();
  producer.take(100, kMedia, "h");
  producer.take(101, kRtx, "", "h");
  producer.now += 1s;
  producer.take(100, kMedia);
  producer.now += 2s - 1us;
  EXPECT_EQ(producer.take(500, kMedia, "h"), dropped(Reason::kSsrcChanged));
  EXPECT_EQ(producer.take(100, kMedia), accepted(Action::kMedia, 0));
}

TEST(StreamTable, Str01ASilentStreamIsReplaced) {  // STR-01
  Producer producer = with_rids();
  producer.take(100, kMedia, "h");
  producer.take(101, kRtx, "", "h");
  producer.now += 2s;
  EXPECT_EQ(producer.take(500, kMedia, "h"), accepted(Action::kReplaceMedia, 0));
  EXPECT_EQ(producer.take(500, kMedia), accepted(Action::kMedia, 0));
  // The new stream gets its own RTX, and the old SSRCs mean nothing any more.
  EXPECT_EQ(producer.take(501, kRtx, "", "h"), accepted(Action::kAttachRtx, 0));
  EXPECT_EQ(producer.take(100, kMedia), dropped(Reason::kUnknownSsrc));
  EXPECT_EQ(producer.take(101, kRtx), dropped(Reason::kUnknownSsrc));
  EXPECT_EQ(producer.take(100, kMedia, "h"), dropped(Reason::kSsrcChanged));
}

TEST(StreamTable, Str01AfterAByeTheStreamIsReplacedAtOnce) {  // STR-01
  Producer producer = with_rids();
  producer.take(100, kMedia, "h");
  producer.table.on_bye(Ssrc{100});
  EXPECT_EQ(producer.take(500, kMedia, "h"), accepted(Action::kReplaceMedia, 0));
  // A BYE that was followed by media did not end the stream.
  producer.table.on_bye(Ssrc{500});
  producer.take(500, kMedia);
  EXPECT_EQ(producer.take(600, kMedia, "h"), dropped(Reason::kSsrcChanged));
}

TEST(StreamTable, Str02RtxNeedsItsMediaFirst) {  // STR-02
  Producer by_rid = with_rids();
  EXPECT_EQ(by_rid.take(101, kRtx, "", "h"), dropped(Reason::kRtxWithoutMedia));
  EXPECT_FALSE(by_rid.table.ssrc(0));
  EXPECT_FALSE(by_rid.table.rtx_ssrc(0));
  Producer by_ssrc = with_ssrcs();
  EXPECT_EQ(by_ssrc.take(2, kRtx), dropped(Reason::kRtxWithoutMedia));
  Producer by_type = with_nothing();
  EXPECT_EQ(by_type.take(2, kRtx), dropped(Reason::kRtxWithoutMedia));
}

TEST(StreamTable, ASecondRtxSsrcIsDropped) {
  Producer producer = with_rids();
  producer.take(100, kMedia, "h");
  producer.take(101, kRtx, "", "h");
  EXPECT_EQ(producer.take(102, kRtx, "", "h"), dropped(Reason::kRtxSsrcChanged));
}

TEST(StreamTable, Str03UnknownPayloadTypesAreDropped) {  // STR-03
  Producer producer = with_rids();
  EXPECT_EQ(producer.take(100, 98, "h"), dropped(Reason::kUnknownPayloadType));
  EXPECT_FALSE(producer.table.ssrc(0));
  producer.take(100, kMedia, "h");
  EXPECT_EQ(producer.take(100, 98, "h"), dropped(Reason::kUnknownPayloadType));
  EXPECT_EQ(producer.take(100, kRtx), dropped(Reason::kUnknownPayloadType));
  // Another payload type of the producer, e.g. comfort noise, shares the SSRC but begins no stream.
  EXPECT_EQ(producer.take(100, 110), accepted(Action::kMedia, 0));
  EXPECT_EQ(producer.take(200, 110, "m"), dropped(Reason::kUnknownPayloadType));
  producer.take(101, kRtx, "", "h");
  EXPECT_EQ(producer.take(101, kMedia), dropped(Reason::kUnknownPayloadType));
}

TEST(StreamTable, ASignalledSsrcWithAnotherPayloadTypeIsDropped) {
  Producer producer = with_ssrcs();
  EXPECT_EQ(producer.take(1, kRtx), dropped(Reason::kUnknownSsrc));
  EXPECT_EQ(producer.take(2, kMedia), dropped(Reason::kUnknownSsrc));
}

TEST(StreamTable, RedBeginsAStreamToo) {
  constexpr uint8_t kRed = 110;
  StreamEncoding signalled = encoding("", Ssrc{1});
  signalled.red_payload_type = PayloadType{kRed};
  EXPECT_EQ(Producer({signalled}).take(1, kRed), accepted(Action::kCreateMedia, 0));
  StreamEncoding by_type = encoding("");
  by_type.red_payload_type = PayloadType{kRed};
  Producer producer({by_type});
  EXPECT_EQ(producer.take(7, kRed), accepted(Action::kCreateMedia, 0));
  EXPECT_EQ(producer.take(7, kMedia), accepted(Action::kMedia, 0));
}

TEST(StreamTable, Str04SingleEncodingByPayloadType) {  // STR-04
  Producer producer = with_nothing();
  EXPECT_EQ(producer.take(700, kMedia), accepted(Action::kCreateMedia, 0));
  EXPECT_EQ(producer.take(701, kRtx), accepted(Action::kAttachRtx, 0));
  EXPECT_EQ(producer.take(700, kMedia), accepted(Action::kMedia, 0));
  EXPECT_EQ(producer.take(701, kRtx), accepted(Action::kRtx, 0));
  EXPECT_EQ(producer.take(702, kMedia), dropped(Reason::kSsrcChanged));
  EXPECT_EQ(producer.take(702, kRtx), dropped(Reason::kRtxSsrcChanged));
  producer.now += 2s;
  EXPECT_EQ(producer.take(702, kMedia), accepted(Action::kReplaceMedia, 0));
}

TEST(StreamTable, TwoEncodingsAreNotToldByPayloadType) {
  Producer producer({encoding(""), encoding("")});
  EXPECT_EQ(producer.take(700, kMedia), dropped(Reason::kUnknownSsrc));
}

TEST(StreamTable, Str05NewVideoWithoutKeyFrameNeedsOne) {  // STR-05
  Producer producer = with_rids();
  const StreamDecision first = producer.take(100, kMedia, "h");
  EXPECT_TRUE(first.needs_key_frame(true, false));
  EXPECT_FALSE(first.needs_key_frame(true, true));
  EXPECT_FALSE(first.needs_key_frame(false, false));
  EXPECT_FALSE(producer.take(100, kMedia).needs_key_frame(true, false));
  producer.now += 2s;
  EXPECT_TRUE(producer.take(101, kMedia, "h").needs_key_frame(true, false));
}

}  // namespace
}  // namespace sluice::rtp
