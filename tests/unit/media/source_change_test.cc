// A stream whose sender goes on with another SSRC, and SSRCs that move between producers: what was
// received stays one continuous stream, and nothing can be replayed (media-plane 4.1, 5.6, 5.7).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "one_to_one.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint32_t kFirst = 0x5001;
constexpr uint32_t kSecond = 0x5002;
constexpr uint8_t kMidId = 4;
constexpr uint8_t kRidId = 6;

class SourceChange : public OneToOne, public ::testing::TestWithParam<unsigned> {
 protected:
  SourceChange() : OneToOne(GetParam()) {}

  /// A video stream that is told by its RID.
  void connect_rid() {
    ProducerSetup setup = video_producer(producer, sender->handle);
    setup.encodings.front().ssrc = 0;
    setup.encodings.front().rtx_ssrc = 0;
    setup.encodings.front().rid = "r0";
    setup.extension_ids.set(rtp::ExtensionKind::kRid, kRidId);
    produce(setup);
    consume(video_consumer(consumer, receiver->handle, producer));
  }
  static RtpFields rid_packet(uint32_t ssrc, uint16_t seq, bool key_frame, uint32_t timestamp) {
    RtpFields fields = video_packet(seq, key_frame, timestamp);
    fields.ssrc = ssrc;
    fields.extensions = {{kMidId, {'0'}}, {kRidId, {'r', '0'}}};
    return fields;
  }
  /// An audio producer that is told by its MID only, with a consumer.
  Handle connect_mid(const std::string& mid, uint32_t consumer_ssrc) {
    ProducerSetup setup = audio_producer(world.next_handle(), sender->handle);
    setup.mid = mid;
    setup.encodings.front().ssrc = 0;
    setup.extension_ids.set(rtp::ExtensionKind::kMid, kMidId);
    produce(setup);
    consume(audio_consumer(world.next_handle(), receiver->handle, setup.handle, consumer_ssrc));
    return setup.handle;
  }
  static RtpFields mid_packet(uint32_t ssrc, char mid, uint16_t seq, uint32_t timestamp = 48000) {
    RtpFields fields = audio_packet(seq, timestamp);
    fields.ssrc = ssrc;
    fields.extensions = {{kMidId, {static_cast<uint8_t>(mid)}}};
    return fields;
  }
  Buffer protect(const RtpFields& fields) {
    return sender->peer->protect_rtp(sluice::test::make_rtp(fields));
  }
  void send_protected(const Buffer& packet) {
    sender->peer->send_protected(packet);
    world.settle();
  }
  /// The SSRC that a producer's only stream has now.
  Ssrc received_ssrc(Handle of) { return world.loop(0).producer_dump(of).at(0).ssrc; }
};

TEST_P(SourceChange, Str01ASecondSsrcOfARidWaitsForTwoSecondsOfSilence) {  // STR-01
  connect_rid();
  send(rid_packet(kFirst, 100, true, 90000));
  ASSERT_THAT(take(), SizeIs(1));
  world.advance(1900ms);
  send(rid_packet(kSecond, 7, true, 5000));
  EXPECT_THAT(take(), IsEmpty());
  send(rid_packet(kFirst, 101, false, 90000 + 171'000));
  EXPECT_THAT(take(), SizeIs(1)) << "the stream is its first SSRC's as before";
  world.advance(2s);
  send(rid_packet(kSecond, 8, true, 5000));
  EXPECT_THAT(take(), SizeIs(1));
  EXPECT_EQ(received_ssrc(producer), Ssrc{kSecond});
}

TEST_P(SourceChange, Str01NumbersAndTimeContinueFromAKeyFrameOn) {  // STR-01
  connect_rid();
  send(rid_packet(kFirst, 65535, true, 4'000'000'000));
  const auto before = take();
  ASSERT_THAT(before, SizeIs(1));
  world.advance(2s);
  take_key_frame_requests();
  send(rid_packet(kSecond, 7, false, 1000));
  EXPECT_THAT(take(), IsEmpty()) << "nothing can be shown before a key frame";
  EXPECT_THAT(take_key_frame_requests(), ElementsAre(kSecond));
  world.advance(100ms);
  send(rid_packet(kSecond, 8, true, 1000 + 9000));
  send(rid_packet(kSecond, 9, false, 1000 + 12000));
  const auto after = take();
  ASSERT_THAT(after, SizeIs(2));
  const auto last = parse(before[0]);
  const auto first = parse(after[0]);
  EXPECT_EQ(first.ssrc(), Ssrc{kConsumerSsrc});
  EXPECT_EQ(first.sequence_number().value, static_cast<uint16_t>(last.sequence_number().value + 1));
  EXPECT_EQ(first.timestamp().value, last.timestamp().value + 2100 * 90);
  EXPECT_EQ(parse(after[1]).timestamp().value, first.timestamp().value + 3000);
}

TEST_P(SourceChange, AfterAByeTheNextSsrcTakesOverAtOnce) {
  connect_rid();
  send(rid_packet(kFirst, 100, true, 90000));
  send_bye(kFirst);
  send(rid_packet(kSecond, 7, true, 5000));
  EXPECT_THAT(take(), SizeIs(2));
}

TEST_P(SourceChange, AudioGoesOnWithoutWaiting) {
  connect_mid("1", 800000001);
  send(mid_packet(kFirst, '1', 100, 3'000'000'000));
  const auto before = take(800000001);
  ASSERT_THAT(before, SizeIs(1));
  world.advance(3s);
  send(mid_packet(kSecond, '1', 40000, 7));
  send(mid_packet(kSecond, '1', 40001, 7 + 960));
  const auto after = take(800000001);
  ASSERT_THAT(after, SizeIs(2));
  EXPECT_EQ(parse(after[0]).sequence_number().value,
            static_cast<uint16_t>(parse(before[0]).sequence_number().value + 1));
  EXPECT_EQ(parse(after[0]).timestamp().value, parse(before[0]).timestamp().value + 3 * 48000);
  EXPECT_EQ(parse(after[1]).timestamp().value, parse(after[0]).timestamp().value + 960);
}

TEST_P(SourceChange, PacketsOfAReplacedSsrcCannotBeReplayed) {
  connect_rid();
  const Buffer first = protect(rid_packet(kFirst, 100, true, 90000));
  const Buffer late = protect(rid_packet(kFirst, 101, false, 93000));
  send_protected(first);
  world.advance(2s);
  send(rid_packet(kSecond, 7, true, 5000));
  ASSERT_THAT(take(), SizeIs(2));
  // A straggler of the old SSRC is of no use, but what is known of that SSRC must stay.
  send_protected(late);
  EXPECT_THAT(take(), IsEmpty());
  world.advance(5s);
  for (const Buffer& packet : {first, late}) {
    send_protected(packet);
    EXPECT_THAT(take(), IsEmpty());
    EXPECT_EQ(received_ssrc(producer), Ssrc{kSecond});
  }
}

TEST_P(SourceChange, EverNewSsrcsOfOneStreamLeaveRoom) {
  connect_rid();
  // More than the SRTP state of a transport has room for.
  for (uint32_t i = 0; i < 5000; ++i) {
    send(rid_packet(0x10000 + i, 1, true, 90000));
    send_bye(0x10000 + i);
    ASSERT_THAT(take(), SizeIs(1)) << i;
  }
}

TEST_P(SourceChange, Lsn05ALearnedSsrcFollowsItsMid) {  // LSN-05
  const Handle one = connect_mid("1", 800000001);
  const Handle two = connect_mid("2", 800000002);
  const Buffer old = protect(mid_packet(kFirst, '1', 100));
  send_protected(old);
  EXPECT_THAT(take(800000001), SizeIs(1));
  send(mid_packet(kFirst, '2', 101));
  EXPECT_THAT(take(800000002), SizeIs(1));
  EXPECT_EQ(received_ssrc(two), Ssrc{kFirst});
  // It is no longer the first producer's to end.
  at_sender([&](MediaLoop& loop) { loop.remove_producer(one); });
  send_protected(old);
  EXPECT_THAT(take(800000002), IsEmpty()) << "a replay";
  send(mid_packet(kFirst, '2', 102));
  EXPECT_THAT(take(800000002), SizeIs(1));
}

TEST_P(SourceChange, ASignalledSsrcIsNotMovedByAMid) {
  connect_video();
  connect_mid("2", 800000002);
  auto packet = video_packet(1, true);
  packet.extensions = {{kMidId, {'2'}}};
  send(packet);
  EXPECT_THAT(take(), SizeIs(1));
}

TEST_P(SourceChange, NoMoreThan1024SsrcsAreLearned) {
  const Handle audio = connect_mid("1", 800000001);
  uint16_t seq = 0;
  for (uint32_t i = 0; i < 6000; ++i) {
    if (i % 100 == 0) {
      // The stream that goes on is never the least recently used one.
      send(mid_packet(kFirst, '1', ++seq));
      EXPECT_THAT(take(800000001), SizeIs(1));
    }
    send(mid_packet(0x10000 + i, '1', 1));
    EXPECT_THAT(take(800000001), IsEmpty());
  }
  EXPECT_THAT(world.loop(0).transport_dump(sender->handle).ssrcs, SizeIs(1024));
  EXPECT_EQ(received_ssrc(audio), Ssrc{kFirst});
  EXPECT_EQ(world.slab(0).in_use(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Loops, SourceChange, ::testing::ValuesIn(kReceiverLoops), kLoopName);

}  // namespace
}  // namespace sluice::media::test
