// Pipes on their loops: every stream of a producer, as it is, from one router to another
// (media-plane 7.7, 10.2).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "plain_world.h"
#include "protocol/rtcp/compound_parser.h"
#include "protocol/rtcp/picture_feedback.h"
#include "protocol/rtp/packet_view.h"
#include "support/data_peer.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kNear = "192.0.2.1:40001";
constexpr std::string_view kFar = "192.0.2.2:40002";
constexpr uint32_t kPipeSsrc = 300000000;

/// A simulcast of three streams from a client through a pipe.
class Pipe : public ::testing::Test {
 protected:
  Pipe() {
    client_ = &plain.world.connect();
    near_ = plain.add({.socket = PlainWorld::kSocket});
    plain.connect(near_, {.rtp = address(kFar)});
    source_ = plain.world.next_handle();
    plain.world.command(0, [&](MediaLoop& loop) {
      loop.add_producer(simulcast_producer(source_, client_->handle, /*temporal_layers=*/3));
    });
  }

  /// What a pipe consumer is on the loop.
  std::vector<Handle> consume(bool rtx = false) {
    std::vector<Handle> handles;
    plain.world.command(0, [&](MediaLoop& loop) {
      for (uint8_t stream = 0; stream < 3; ++stream) {
        ConsumerSetup setup = simulcast_consumer(plain.world.next_handle(), near_, source_, 3);
        setup.type = ConsumerType::kPipe;
        setup.stream = stream;
        setup.ssrc = kPipeSsrc + stream;
        setup.rtx_ssrc = rtx ? kPipeSsrc + 10 + stream : 0;
        setup.nack = rtx;
        setup.mid.clear();
        setup.extensions = {};
        handles.push_back(setup.handle);
        loop.add_consumer(setup);
      }
    });
    plain.world.settle();
    return handles;
  }

  /// A packet of stream `stream`, 0..2, of temporal layer `layer`.
  void send(uint8_t stream, uint16_t sequence, bool key_frame, uint8_t layer = 0) {
    RtpFields fields = video_packet(sequence, key_frame, 90000u + 3000u * sequence);
    fields.ssrc = 0x1110u + 0x10u * stream;
    // Extended descriptor with a picture id and layers, whose bytes are to arrive as they are.
    fields.payload = {0x90,
                      0xb0,
                      static_cast<uint8_t>(sequence & 0x7f),
                      static_cast<uint8_t>(layer << 6),
                      static_cast<uint8_t>(key_frame ? 0x00 : 0x01),
                      0x11,
                      0x22,
                      0x33,
                      0x44,
                      stream};
    client_->peer->send_rtp(fields);
    plain.world.settle();
  }

  /// Sequence numbers of what came out of the pipe since the last call, by SSRC.
  std::map<uint32_t, std::vector<uint16_t>> arrived(std::vector<Buffer>* packets = nullptr) {
    std::map<uint32_t, std::vector<uint16_t>> numbers;
    for (Buffer& packet : plain.take_sent(kFar)) {
      if (ice::classify(packet) != ice::PacketClass::kRtp) {
        continue;
      }
      const auto view = rtp::PacketView::parse(packet).value();
      numbers[view.ssrc().value].push_back(view.sequence_number().value);
      if (packets != nullptr) {
        packets->push_back(std::move(packet));
      }
    }
    return numbers;
  }

  /// SSRCs that the client was asked for key frames of, since the last call.
  std::vector<uint32_t> requested() {
    std::vector<uint32_t> ssrcs;
    for (const Buffer& packet : client_->peer->rtcp) {
      rtcp::parse_compound(packet, rtcp::Overloaded{[&](const rtcp::Pli& pli) {
                             ssrcs.push_back(pli.header.media.value);
                           }});
    }
    client_->peer->rtcp.clear();
    return ssrcs;
  }

  /// A PLI of the far end about what comes out as stream `stream`.
  void request_key_frame(uint8_t stream, std::string_view from = kFar) {
    Buffer packet(rtcp::kFeedbackHeaderSize);
    ByteWriter writer(packet);
    ASSERT_TRUE(rtcp::write_pli(writer, {.sender = Ssrc{}, .media = Ssrc{kPipeSsrc + stream}}));
    plain.deliver(from, packet);
  }

  PlainWorld plain;
  LoopWorld::Connection* client_ = nullptr;
  Handle near_ = 0;
  Handle source_ = 0;
};

TEST_F(Pipe, CarriesEveryStreamWithItsOwnNumbers) {
  consume();
  for (uint8_t stream = 0; stream < 3; ++stream) {
    send(stream, 100, /*key_frame=*/true);
    send(stream, 101, false, 2);
    send(stream, 103, false, 1);
  }
  std::vector<Buffer> packets;
  const auto numbers = arrived(&packets);
  ASSERT_THAT(numbers, SizeIs(3));
  for (const auto& [ssrc, sequence] : numbers) {
    ASSERT_THAT(sequence, SizeIs(3)) << "no layer is left out";
    EXPECT_EQ(sequence[1], static_cast<uint16_t>(sequence[0] + 1));
    EXPECT_EQ(sequence[2], static_cast<uint16_t>(sequence[0] + 3)) << "a loss stays visible";
  }
  EXPECT_THAT(rtp::PacketView::parse(packets[1])->payload(),
              ElementsAre(0x90, 0xb0, 101, 0x80, 0x01, 0x11, 0x22, 0x33, 0x44, 0));
}

TEST_F(Pipe, EachStreamStartsAtAKeyFrameOfItsOwn) {
  consume();
  EXPECT_THAT(arrived(), IsEmpty());
  send(0, 1, false);
  send(1, 1, true);
  send(0, 2, false);
  send(1, 2, false);
  EXPECT_THAT(arrived(), ElementsAre(Pair(kPipeSsrc + 1, SizeIs(2))));
  send(0, 3, true);
  EXPECT_THAT(arrived(), ElementsAre(Pair(kPipeSsrc, SizeIs(1))));
}

TEST_F(Pipe, ResumingAsksForAKeyFrameOfEveryStream) {
  for (uint8_t stream = 0; stream < 3; ++stream) {
    send(stream, 1, true);
  }
  requested();
  plain.world.advance(2s);
  const auto handles = consume();
  EXPECT_THAT(requested(), UnorderedElementsAre(0x1110, 0x1120, 0x1130));
  for (uint8_t stream = 0; stream < 3; ++stream) {
    send(stream, 2, true);
  }
  arrived();
  const auto set_paused = [&](bool paused) {
    plain.world.command(0, [&](MediaLoop& loop) {
      for (const Handle handle : handles) {
        loop.set_consumer_paused(handle, paused);
      }
    });
  };
  set_paused(true);
  send(0, 3, false);
  EXPECT_THAT(arrived(), IsEmpty());
  plain.world.advance(2s);
  set_paused(false);
  plain.world.settle();
  EXPECT_THAT(requested(), UnorderedElementsAre(0x1110, 0x1120, 0x1130));
}

TEST_F(Pipe, ARequestFromTheFarEndIsAboutOneStream) {
  consume();
  for (uint8_t stream = 0; stream < 3; ++stream) {
    send(stream, 1, true);
  }
  plain.world.advance(2s);
  requested();
  request_key_frame(1);
  EXPECT_THAT(requested(), ElementsAre(0x1120));
}

TEST_F(Pipe, Trn06TakesNothingFromStrangers) {  // TRN-06
  consume();
  for (uint8_t stream = 0; stream < 3; ++stream) {
    send(stream, 1, true);
  }
  plain.world.advance(2s);
  requested();
  request_key_frame(1, "203.0.113.66:40002");
  EXPECT_THAT(requested(), IsEmpty());
  const Handle audio = plain.world.next_handle();
  plain.world.command(0, [&](MediaLoop& loop) {
    loop.add_producer(audio_producer(audio, near_));
    loop.add_consumer(audio_consumer(plain.world.next_handle(), client_->handle, audio));
  });
  const Buffer packet = sluice::test::make_rtp(audio_packet(1));
  plain.deliver("203.0.113.66:40002", packet);
  EXPECT_THAT(client_->peer->rtp, IsEmpty());
  plain.deliver(kFar, packet);
  EXPECT_THAT(client_->peer->rtp, SizeIs(1));
}

TEST_F(Pipe, Trn06TakesNoAssociationOfStrangers) {  // TRN-06
  constexpr std::string_view kStranger = "203.0.113.66:40002";
  const sctp::Options options{.data_channels = false};
  const Handle pipe = plain.add({.socket = PlainWorld::kRtcpSocket, .sctp = options});
  plain.connect(pipe, {.rtp = address(kFar)});
  const auto states = [&] { return plain.world.events_of<SctpStateChanged>(pipe); };
  const auto carry = [&](sluice::test::DataPeer& peer, std::string_view at) {
    while (const auto packet = peer.poll_transmit(plain.world.now())) {
      plain.deliver(at, Buffer(packet->begin(), packet->end()), PlainWorld::kRtcpSocket);
    }
    for (const Buffer& packet : plain.take_sent(at)) {
      peer.on_packet(packet, plain.world.now());
    }
  };
  sluice::test::DataPeer stranger(options);
  stranger.connect(plain.world.now());
  for (int i = 0; i < 10; ++i) {
    carry(stranger, kStranger);
  }
  EXPECT_FALSE(stranger.connected());
  ASSERT_THAT(states(), SizeIs(1));
  EXPECT_EQ(states().back().state, SctpState::kConnecting);
  sluice::test::DataPeer peer(options);
  peer.connect(plain.world.now());
  for (int i = 0; i < 10; ++i) {
    carry(peer, kFar);
  }
  EXPECT_TRUE(peer.connected());
  EXPECT_EQ(states().back().state, SctpState::kConnected);
}

TEST_F(Pipe, RepairsLossesWhereItHasRtx) {
  consume(/*rtx=*/true);
  send(2, 1, true);
  send(2, 2, false);
  const auto sent = arrived()[kPipeSsrc + 2];
  ASSERT_THAT(sent, SizeIs(2));
  const uint16_t lost = sent[1];
  plain.deliver(kFar, Buffer{0x81, 205, 0, 3, 0, 0, 0, 0, 0x11, 0xe1, 0xa3, 0x02,
                             static_cast<uint8_t>(lost >> 8), static_cast<uint8_t>(lost), 0, 0});
  EXPECT_THAT(arrived(), ElementsAre(Pair(kPipeSsrc + 12, SizeIs(1))));
}

/// From one loop's pipe transport to another's, and on to a simulcast consumer there.
TEST_F(Pipe, SwitchesLayersBehindThePipe) {
  consume();
  const Handle far = plain.add({.socket = PlainWorld::kRtcpSocket});
  plain.connect(far, {.rtp = address(kNear)});
  auto& receiver = plain.world.connect();
  const Handle copy = plain.world.next_handle();
  plain.world.command(0, [&](MediaLoop& loop) {
    ProducerSetup setup = simulcast_producer(copy, far, 3);
    setup.mid.clear();
    setup.codecs[0].payload_type = kRouterVp8;
    setup.codecs[0].rtx_payload_type = -1;
    setup.codecs[0].nack = false;
    for (uint32_t i = 0; i < 3; ++i) {
      setup.encodings[i].ssrc = kPipeSsrc + i;
      setup.encodings[i].rtx_ssrc = 0;
      setup.encodings[i].payload_type = kRouterVp8;
    }
    loop.add_producer(setup);
    loop.add_consumer(simulcast_consumer(plain.world.next_handle(), receiver.handle, copy, 3));
  });
  const auto carry = [&] {
    for (const Buffer& packet : plain.take_sent(kFar)) {
      plain.deliver(kNear, packet, PlainWorld::kRtcpSocket);
    }
    for (const Buffer& packet : plain.take_sent(kNear)) {
      plain.deliver(kFar, packet);
    }
  };
  bool asked = false;
  for (uint16_t i = 1; i < 100; ++i) {
    // Key frames only on request, after those at the start.
    const auto wanted = requested();
    asked |= i > 10 && !wanted.empty();
    for (uint8_t stream = 0; stream < 3; ++stream) {
      const bool key = i == 1 || std::ranges::count(wanted, 0x1110u + 0x10u * stream) > 0;
      send(stream, i, key);
    }
    plain.world.advance(33ms);
    carry();
  }
  EXPECT_TRUE(asked) << "requests pass through the pipe";
  EXPECT_GT(receiver.peer->rtp.size(), 20u);
  // The best stream in the end: its last byte tells which.
  EXPECT_EQ(receiver.peer->rtp.back().back(), 2);
}

}  // namespace
}  // namespace sluice::media::test
