// When a sender is asked for key frames: many consumers, on its own loop or another, must not ask
// it more often than one would, and none may wait for ever (media-plane 6.7).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "one_to_one.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class KeyFrameRequests : public OneToOne, public ::testing::TestWithParam<unsigned> {
 protected:
  KeyFrameRequests() : OneToOne(GetParam()) {}

  void send_frame(bool key_frame) {
    send(video_packet(next_, key_frame, 90000 + 3000U * next_));
    ++next_;
    world.advance(33ms, 33ms);
  }
  /// So many frames that are no key frames.
  void send_frames(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      send_frame(false);
    }
  }

  uint16_t next_ = 1;
};

TEST_P(KeyFrameRequests, ManyConsumersCauseOneRequest) {
  connect_video();
  send_frame(true);
  world.advance(2s);
  take_key_frame_requests();
  for (uint32_t i = 1; i <= 10; ++i) {
    consume(video_consumer(world.next_handle(), world.connect(receiver_loop).handle, producer,
                           kConsumerSsrc + 10 * i));
  }
  for (int i = 0; i < 3; ++i) {
    send_pli();
  }
  EXPECT_THAT(take_key_frame_requests(), ElementsAre(kVideoSsrc));
  send_frame(true);
  world.advance(5s);
  EXPECT_THAT(take_key_frame_requests(), IsEmpty()) << "it was answered";
}

TEST_P(KeyFrameRequests, ARequestWithoutAnswerIsRepeatedOnce) {
  connect_video();
  send_frame(true);
  world.advance(2s);
  take_key_frame_requests();
  send_pli();
  EXPECT_THAT(take_key_frame_requests(), SizeIs(1));
  world.advance(990ms);
  EXPECT_THAT(take_key_frame_requests(), IsEmpty());
  world.advance(20ms);
  EXPECT_THAT(take_key_frame_requests(), SizeIs(1));
  world.advance(10s);
  EXPECT_THAT(take_key_frame_requests(), IsEmpty());
}

TEST_P(KeyFrameRequests, AConsumerThatGetsNothingGoesOnAsking) {
  connect_video();
  // The sender sends on and answers none of the requests.
  size_t asked = 0;
  for (int second = 0; second < 8; ++second) {
    send_frames(30);
    const size_t now = take_key_frame_requests().size();
    EXPECT_LE(now, 2u);
    asked += now;
  }
  EXPECT_GE(asked, 7u);
  EXPECT_THAT(take(), IsEmpty());
  send_frame(true);
  send_frames(90);
  EXPECT_THAT(take(), SizeIs(91));
  EXPECT_THAT(take_key_frame_requests(), IsEmpty());
}

TEST_P(KeyFrameRequests, ASilentSenderIsLeftAlone) {
  connect_video();
  send_frames(1);
  world.advance(3s);
  take_key_frame_requests();
  world.advance(20s);
  EXPECT_THAT(take_key_frame_requests(), IsEmpty());
}

TEST_P(KeyFrameRequests, ThoseOfReceiversKeepTheLeastDistance) {
  ProducerSetup setup = video_producer(producer, sender->handle);
  setup.key_frame_request_delay = 3s;
  produce(setup);
  consume(video_consumer(consumer, receiver->handle, producer));
  send_frame(true);
  world.advance(4s);
  take_key_frame_requests();
  size_t asked = 0;
  for (int i = 0; i < 90; ++i) {
    send_pli();
    world.advance(33ms, 33ms);
    asked += take_key_frame_requests().size();
    send(video_packet(next_++, true));
  }
  EXPECT_EQ(asked, 1u) << "in the three seconds after the first";
  world.advance(200ms);
  EXPECT_THAT(take_key_frame_requests(), SizeIs(1)) << "the one that was held back";
}

TEST_P(KeyFrameRequests, Str05AStreamThatBeginsAmidAPictureIsAskedAtOnce) {  // STR-05
  connect_video();
  send(video_packet(1, false));
  EXPECT_THAT(take_key_frame_requests(), ElementsAre(kVideoSsrc));
}

INSTANTIATE_TEST_SUITE_P(Loops, KeyFrameRequests, ::testing::ValuesIn(kReceiverLoops), kLoopName);

}  // namespace
}  // namespace sluice::media::test
