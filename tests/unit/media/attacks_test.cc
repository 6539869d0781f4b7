// What was done to other servers, tried on this one: through a whole transport, by strangers and by
// peers with a session of their own. docs/security.md says which lesson each test is about.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <random>
#include <utility>
#include <vector>

#include "data_world.h"
#include "media/fanout.h"
#include "protocol/rtcp/compound_parser.h"
#include "protocol/rtcp/nack.h"
#include "protocol/rtcp/picture_feedback.h"
#include "protocol/rtcp/rate_feedback.h"
#include "protocol/sctp/crc32c.h"
#include "protocol/sctp/wire.h"
#include "streams.h"
#include "support/allocation_counter.h"

namespace sluice::media::test {
namespace {

using ::testing::IsEmpty;

/// The SSRC of the consumer that is attacked, or whose receiver attacks.
constexpr uint32_t kConsumer = 700000001;
const SocketAddress kStranger = *SocketAddress::parse("203.0.113.66:9999");

/// A ClientHello of DTLS 1.2 that offers nothing but TLS_NULL_WITH_NULL_NULL.
Buffer client_hello_without_usable_cipher() {
  Buffer body = {0xfe, 0xfd};
  body.resize(body.size() + 32, 0x42);          // random
  body.insert(body.end(), {0, 0});              // session id, cookie
  body.insert(body.end(), {0, 2, 0, 0, 1, 0});  // cipher, compression
  const auto size = static_cast<uint8_t>(body.size());
  Buffer message = {1, 0, 0, size, 0, 0, 0, 0, 0, 0, 0, size};  // whole, message number 0
  message.insert(message.end(), body.begin(), body.end());
  Buffer record = {22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, static_cast<uint8_t>(message.size())};
  record.insert(record.end(), message.begin(), message.end());
  return record;
}

/// A peer whose audio comes back to it.
class Attacks : public ::testing::Test {
 protected:
  void connect() {
    peer = &world.connect();
    audio = world.next_handle();
    world.command(0, [&](MediaLoop& loop) {
      loop.add_producer(audio_producer(audio, peer->handle));
      loop.add_consumer(audio_consumer(world.next_handle(), peer->handle, audio));
    });
  }
  /// The call goes on: the next packet arrives.
  void expect_alive() {
    peer->peer->rtp.clear();
    peer->peer->send_rtp(audio_packet(++sequence));
    world.settle();
    EXPECT_EQ(peer->peer->rtp.size(), 1u);
    EXPECT_FALSE(peer->peer->remote_closed());
  }

  LoopWorld world;
  LoopWorld::Connection* peer = nullptr;
  Handle audio = 0;
  uint16_t sequence = 100;
};

// --- DTLS ----------------------------------------------------------------------------------------

TEST_F(Attacks, ASpoofedClientHelloIsNoticedByNobody) {  // ATTACK-09
  const Buffer hello = client_hello_without_usable_cipher();
  const auto attack = [&] {
    world.deliver(0, kStranger, hello);
    // The peer's address, but not its port.
    world.deliver(0, {peer->address.ip, static_cast<uint16_t>(peer->address.port + 1)}, hello);
  };
  peer = &world.add_transport();
  peer->peer->start(sluice::test::shared_dtls_context()->certificate().fingerprints(), world.now());
  world.command(0, [&](MediaLoop& loop) {
    loop.connect_transport(peer->handle, dtls::Role::kClient, peer->peer->fingerprints());
  });
  // Before each packet of ICE and of the handshake, in both directions.
  world.passes = [&](const LoopWorld::Connection&, Bytes, bool) {
    attack();
    return true;
  };
  for (int i = 0; i < 100 && !peer->peer->connected(); ++i) {
    world.advance(10ms);
  }
  ASSERT_TRUE(peer->peer->connected());
  world.passes = nullptr;
  attack();
  EXPECT_THAT(world.stray, IsEmpty());
  EXPECT_FALSE(peer->peer->failed());
}

TEST_F(Attacks, AClientHelloInThePeersNameDoesNotEndACall) {  // ATTACK-09
  connect();
  expect_alive();
  for (int i = 0; i < 100; ++i) {
    world.deliver(0, peer->address, client_hello_without_usable_cipher());
    world.advance(20ms);
  }
  expect_alive();
}

TEST_F(Attacks, ADtlsFloodBeforeIceTakesNoMemoryAndGetsNoAnswer) {  // ATTACK-13
  peer = &world.add_transport();
  Buffer hello = client_hello_without_usable_cipher();
  net::Datagram datagram;
  datagram.data = hello;
  datagram.local_ip = *IpAddress::parse("192.0.2.1");
  const size_t allocations = sluice::test::allocations_of([&] {
    for (uint16_t port = 1; port < 20'000; ++port) {
      datagram.remote = {kStranger.ip, port};
      world.loop().on_datagrams({&datagram, 1}, world.now());
    }
  });
  EXPECT_EQ(allocations, 0u);
  EXPECT_EQ(world.queue().pending(), 0u);
  EXPECT_EQ(world.loop().table().tuple_count(), 0u);
}

// --- STUN ----------------------------------------------------------------------------------------

TEST_F(Attacks, NoStunAnswerIsLargerThanItsRequest) {  // ATTACK-11, amplification
  connect();
  peer->peer->send_binding_request(world.now());
  const Buffer good = *peer->peer->poll_transmit();
  std::mt19937 random(1);
  for (const SocketAddress& from : {kStranger, peer->address}) {
    size_t answered = 0;
    for (int i = 0; i < 3000; ++i) {
      world.advance(i % 100 == 0 ? 1s : 0s);  // error answers are limited per second
      Buffer request = good;
      request.resize(20 + random() % (request.size() - 19));
      request.resize(request.size() / 4 * 4);
      store_be16(&request[2], static_cast<uint16_t>(request.size() - 20));
      if (i % 3 == 0 && request.size() > 20) {
        request[20 + random() % (request.size() - 20)] ^= static_cast<uint8_t>(1 + random() % 255);
      }
      world.deliver(0, from, request);
      size_t bytes = 0;
      world.queue().for_each_pending([&](net::Destination&, Bytes answer) {
        bytes += answer.size();
        ++answered;
      });
      EXPECT_LE(bytes, request.size());
      world.queue().clear();
    }
    EXPECT_GT(answered, 0u);
  }
}

// --- SRTP ----------------------------------------------------------------------------------------

TEST_F(Attacks, ReplayedPacketsAreForwardedOnce) {  // ATTACK-17, replayed SRTP
  connect();
  std::vector<Buffer> recorded;
  for (uint16_t i = 0; i < 2000; ++i) {
    recorded.push_back(
        peer->peer->protect_rtp(sluice::test::make_rtp(audio_packet(++sequence, i * 960U))));
    world.deliver(0, peer->address, recorded.back());
    world.settle();
  }
  EXPECT_EQ(peer->peer->rtp.size(), 2000u);
  peer->peer->rtp.clear();
  for (const Buffer& packet : recorded) {
    world.deliver(0, peer->address, packet);
  }
  world.settle();
  EXPECT_THAT(peer->peer->rtp, IsEmpty());
  expect_alive();
}

TEST_F(Attacks, ReplayedRtcpIsTakenOnce) {  // ATTACK-17
  LoopWorld::Connection& sender = world.connect();
  LoopWorld::Connection& receiver = world.connect();
  const Handle video = world.next_handle();
  const Handle consumer = world.next_handle();
  world.command(0, [&](MediaLoop& loop) {
    loop.add_producer(video_producer(video, sender.handle));
    loop.add_consumer(video_consumer(consumer, receiver.handle, video));
  });
  Buffer buffer(64);
  ByteWriter writer(buffer);
  rtcp::write_pli(writer, {.sender = Ssrc{1}, .media = Ssrc{kConsumer}});
  receiver.peer->send_rtcp(writer.written());
  const Buffer request = *receiver.peer->poll_transmit();
  for (int i = 0; i < 50; ++i) {
    world.deliver(0, receiver.address, request);
  }
  EXPECT_EQ(world.loop().consumer_stats(consumer).at(0).pli_count, 1u);
}

TEST_F(Attacks, OversizedAndTruncatedPacketsOfEveryKindDoNothing) {  // ATTACK-01, ATTACK-17
  connect();
  std::vector<Buffer> originals;
  originals.push_back(peer->peer->protect_rtp(sluice::test::make_rtp(audio_packet(++sequence))));
  peer->peer->send_rtcp(Buffer{0x80, 201, 0, 1, 0, 0, 0, 1});
  originals.push_back(*peer->peer->poll_transmit());
  peer->peer->send_binding_request(world.now());
  originals.push_back(*peer->peer->poll_transmit());
  originals.push_back(client_hello_without_usable_cipher());
  for (const Buffer& original : originals) {
    for (size_t size = 0; size < original.size(); ++size) {
      world.deliver(0, peer->address, Bytes(original).first(size));
    }
    for (const size_t size : {size_t{1501}, size_t{9000}, size_t{65'507}}) {
      Buffer large = original;
      large.resize(size, 0x80);
      world.deliver(0, peer->address, large);
    }
  }
  world.settle();
  EXPECT_EQ(world.slab().in_use(), 0u);
  expect_alive();
}

TEST_F(Attacks, AnAuthenticPacketMayBeOfAnySize) {  // ATTACK-01
  connect();
  for (const size_t size : {0, 1, 2, 1400, 1472, 1600, 2000, 9000, 60'000}) {
    RtpFields fields = audio_packet(++sequence);
    fields.payload = Buffer(size, 0x78);
    peer->peer->send_rtp(fields);
  }
  world.settle();
  // RTX without, and with half of, the number that it begins with.
  world.command(0, [&](MediaLoop& loop) {
    loop.add_producer(video_producer(world.next_handle(), peer->handle));
  });
  peer->peer->send_rtp(video_packet(1, /*key_frame=*/true));
  for (const size_t size : {0, 1, 2, 3}) {
    RtpFields fields = video_packet(static_cast<uint16_t>(10 + size), false);
    fields.ssrc = kVideoRtxSsrc;
    fields.payload_type = kVp8Rtx;
    fields.payload = Buffer(size, 0);
    peer->peer->send_rtp(fields);
  }
  world.settle();
  expect_alive();
}

// --- RTP -----------------------------------------------------------------------------------------

TEST_F(Attacks, ExtensionBombsAreForwardedWithoutThemOrNotAtAll) {  // ATTACK-01, ATTACK-06
  connect();
  const auto send = [&](uint16_t profile, const Buffer& elements) {
    Buffer packet = sluice::test::make_rtp(audio_packet(++sequence));
    packet[0] |= 0x10;
    Buffer block(4);
    store_be16(block.data(), profile);
    store_be16(&block[2], static_cast<uint16_t>(elements.size() / 4));
    block.insert(block.end(), elements.begin(), elements.end());
    packet.insert(packet.begin() + 12, block.begin(), block.end());
    peer->peer->send_plain_rtp(packet);
    world.settle();
  };
  // As many elements as fit: one id over and over, every id, empty ones, and lengths that lie.
  Buffer repeated, every, empty, lying;
  for (size_t i = 0; i < 640; ++i) {
    repeated.insert(repeated.end(), {0x40, 0x61});
    every.insert(every.end(), {static_cast<uint8_t>((i % 14 + 1) << 4), 0x61});
    empty.insert(empty.end(), {static_cast<uint8_t>(i % 255 + 1), 0});
    lying.insert(lying.end(), {static_cast<uint8_t>(i % 255 + 1), 255});
  }
  for (const Buffer* elements : {&repeated, &every, &empty, &lying}) {
    for (const uint32_t profile : {0xbedeU, 0x1000U, 0x100fU, 0U, 0xffffU}) {
      send(static_cast<uint16_t>(profile), *elements);
    }
  }
  // A MID that is none, and one that is longer than any.
  send(0xbede, {0x40, 0xff, 0, 0});
  send(0x1000, {4, 6, 1, 2, 3, 4, 5, 6});
  for (const Buffer& packet : peer->peer->rtp) {
    EXPECT_LT(packet.size(), 200u) << "what the receiver did not negotiate stays here";
  }
  expect_alive();
}

TEST_F(Attacks, AnSsrcFloodLeavesRoomForOthers) {  // ATTACK-05, SSRC flood
  connect();
  LoopWorld::Connection& other = world.connect();
  const Handle video = world.next_handle();
  world.command(0, [&](MediaLoop& loop) {
    ProducerSetup setup = video_producer(video, other.handle);
    setup.encodings.front().ssrc = setup.encodings.front().rtx_ssrc = 0;
    loop.add_producer(setup);
    loop.add_consumer(video_consumer(world.next_handle(), peer->handle, video));
  });
  // With the MID of the producer, so that each is learned, and without.
  for (uint32_t i = 0; i < 20'000; ++i) {
    RtpFields fields = video_packet(static_cast<uint16_t>(i), true);
    fields.ssrc = 0x10000 + i;
    if (i % 2 == 0) {
      fields.extensions = {{4, {'0'}}};
    }
    other.peer->send_rtp(fields);
    if (i % 100 == 0) {
      world.settle();
    }
  }
  world.settle();
  EXPECT_LE(world.loop().transport_dump(other.handle).ssrcs.size(), 1025u);
  expect_alive();
}

// --- RTCP ----------------------------------------------------------------------------------------

/// A sender and a receiver of video, the receiver being the attacker.
class FeedbackAttacks : public ::testing::Test {
 protected:
  FeedbackAttacks() : world(2) {
    sender = &world.connect(0);
    attacker = &world.connect(1);
    video = world.next_handle();
    consumer = world.next_handle();
    ConsumerSetup setup = video_consumer(consumer, attacker->handle, video);
    setup.rate_feedback = bwe::RateFeedback::kTransportCc;
    world.command(
        0, [&](MediaLoop& loop) { loop.add_producer(video_producer(video, sender->handle)); });
    world.command(1, [&](MediaLoop& loop) { loop.add_consumer(setup); });
    world.command(0, [&](MediaLoop& loop) { loop.set_remote_loop(video, 1, true); });
    world.settle();
    for (int i = 0; i < 300; ++i) {
      send_video();
    }
    sender->peer->rtcp.clear();
  }

  void send_video() {
    ++sequence;
    RtpFields fields = video_packet(sequence, sequence == 1, sequence * 3000U);
    fields.payload = vp8_payload(sequence == 1, 1000);
    sender->peer->send_rtp(fields);
    world.advance(5ms);
  }
  void attack(const std::function<void(ByteWriter&)>& write, int times) {
    Buffer buffer(rtcp::kRtcpBudget);
    ByteWriter writer(buffer);
    write(writer);
    for (int i = 0; i < times; ++i) {
      attacker->peer->send_rtcp(writer.written());
    }
    world.settle();
  }
  static uint16_t sequence_of(const Buffer& packet) { return load_be16(&packet[2]); }
  void expect_alive() {
    attacker->peer->rtp.clear();
    send_video();
    EXPECT_GE(attacker->peer->rtp.size(), 1u);  // and padding, perhaps
  }

  LoopWorld world;
  LoopWorld::Connection* sender;
  LoopWorld::Connection* attacker;
  Handle video = 0;
  Handle consumer = 0;
  uint16_t sequence = 0;
};

TEST_F(FeedbackAttacks, ANackBombGetsAQuarterOfTheRateAtMost) {  // ATTACK-04, NACK bomb
  const TransportStats before = world.loop(1).transport_stats(attacker->handle);
  for (int i = 0; i < 1000; ++i) {
    send_video();
    // The last two thousand numbers, each time twice.
    const uint16_t newest = sequence_of(attacker->peer->rtp.back());
    std::vector<SeqNum> all;
    for (uint16_t back = 2000; back > 0; --back) {
      all.push_back(SeqNum{static_cast<uint16_t>(newest - back)});
    }
    attack(
        [&](ByteWriter& writer) {
          rtcp::write_nack(writer, {.sender = Ssrc{1}, .media = Ssrc{kConsumer}}, all);
        },
        2);
    world.advance(5ms);
  }
  const TransportStats after = world.loop(1).transport_stats(attacker->handle);
  const uint64_t rtp = after.rtp_bytes_sent - before.rtp_bytes_sent;
  const uint64_t rtx = after.rtx_bytes_sent - before.rtx_bytes_sent;
  EXPECT_LE(rtx, rtp * 30 / 100);
  expect_alive();
}

TEST_F(FeedbackAttacks, TransportFeedbackBombsAreBounded) {  // ATTACK-04, transport-cc bomb
  const auto feedback = [&](uint16_t base, uint16_t count, const std::vector<uint16_t>& chunks,
                            size_t deltas) {
    return [=](ByteWriter& writer) {
      const size_t content = 8 + 8 + chunks.size() * 2 + deltas;
      const size_t size = (content + 3) / 4 * 4;
      writer.u8(0x8f);
      writer.u8(205);
      writer.u16(static_cast<uint16_t>(size / 4));
      writer.u32(1);
      writer.u32(kConsumer);
      writer.u16(base);
      writer.u16(count);
      writer.u32(0);
      for (const uint16_t chunk : chunks) {
        writer.u16(chunk);
      }
      writer.zeros(size - 8 - 8 - chunks.size() * 2);
    };
  };
  const std::vector<uint16_t> nothing(8, 0x1fff);
  const auto before = world.loop(1).transport_stats(attacker->handle).available_outgoing_bitrate;
  for (uint32_t base = 0; base < 65'536; base += 4096) {
    // "65535 packets are missing", in 32 bytes.
    attack(feedback(static_cast<uint16_t>(base), 65'535, nothing, 0), 20);
    // A run that is longer than what is left, reserved symbols, and deltas that are not there.
    attack(feedback(static_cast<uint16_t>(base), 10, {0x3fff}, 4), 20);
    attack(feedback(static_cast<uint16_t>(base), 7, {0xffff}, 4), 20);
    attack(feedback(static_cast<uint16_t>(base), 1000, {0x2000 | 1000}, 8), 20);
    // "They all came, at once."
    attack(feedback(static_cast<uint16_t>(base), 1000, {0x2000 | 1000}, 1000), 20);
  }
  world.advance(1s);
  const auto after = world.loop(1).transport_stats(attacker->handle).available_outgoing_bitrate;
  ASSERT_TRUE(before && after);
  EXPECT_GE(after->value, 30'000u);
  EXPECT_LE(after->value, 100'000'000u);
  expect_alive();
}

TEST_F(FeedbackAttacks, KeyFrameRequestBombsReachTheSenderOnce) {  // ATTACK-04
  const size_t posted = world.posted;
  attack(
      [](ByteWriter& writer) {
        writer.u8(0x84);
        writer.u8(206);
        writer.u16(2 + 2 * 150);
        writer.u32(1);
        writer.u32(0);
        for (uint32_t i = 0; i < 150; ++i) {
          writer.u32(kConsumer);
          writer.u32(i << 24);
        }
      },
      100);
  size_t requests = 0;
  for (const Buffer& packet : sender->peer->rtcp) {
    rtcp::parse_compound(packet, rtcp::Overloaded{[&](const rtcp::Pli&) { ++requests; },
                                                  [&](const rtcp::Fir&) { ++requests; }});
  }
  EXPECT_EQ(requests, 1u);
  EXPECT_LE(world.posted - posted, 100u) << "one command per turn to the sender's loop at most";
  expect_alive();
}

TEST_F(FeedbackAttacks, ReceiverReportBombsChangeAScoreAtAHumanPace) {  // ATTACK-04
  world.events.clear();
  attack(
      [](ByteWriter& writer) {
        std::array<rtcp::ReportBlock, 31> blocks;
        for (size_t i = 0; i < blocks.size(); ++i) {
          blocks[i] = {.ssrc = Ssrc{kConsumer},
                       .fraction_lost = static_cast<uint8_t>(i % 2 == 0 ? 255 : 0),
                       .cumulative_lost = static_cast<int32_t>(i % 2 == 0 ? 200 : 0)};
        }
        rtcp::write_receiver_report(writer, Ssrc{1}, blocks);
      },
      100);
  EXPECT_LE(world.events_of<ConsumerScoreChanged>(consumer).size(), 1u);
  expect_alive();
}

TEST_F(FeedbackAttacks, RembOfAnyRateKeepsTheEstimateInItsLimits) {  // ATTACK-04
  for (const uint64_t rate : {uint64_t{0}, uint64_t{1}, uint64_t{UINT32_MAX}, UINT64_MAX >> 1}) {
    attack([&](ByteWriter& writer) { rtcp::write_remb(writer, Ssrc{1}, BitRate{rate}, {}); }, 50);
    world.advance(100ms);
    const auto now = world.loop(1).transport_stats(attacker->handle).available_outgoing_bitrate;
    ASSERT_TRUE(now);
    EXPECT_GE(now->value, 30'000u);
  }
  expect_alive();
}

TEST_F(FeedbackAttacks, SenderReportBombsAreTakenAtAHumanPace) {  // ATTACK-04
  const size_t posted = world.posted;
  std::swap(sender, attacker);  // here it is the sender
  attack(
      [&](ByteWriter& writer) {
        for (uint32_t i = 0; i < 40; ++i) {
          rtcp::write_sender_report(writer, Ssrc{kVideoSsrc},
                                    {.ntp = rtcp::NtpTime::from_unix(Micros{i * 1'000'000}),
                                     .rtp = Timestamp{i * 90'000},
                                     .packets = i,
                                     .octets = i});
        }
      },
      100);
  std::swap(sender, attacker);
  EXPECT_LE(world.posted - posted, 2u) << "4000 reports in a moment, told to the other loop once";
  expect_alive();
}

TEST_F(FeedbackAttacks, EveryTruncationOfEveryReportIsHarmless) {  // ATTACK-01
  Buffer buffer(rtcp::kRtcpBudget);
  ByteWriter writer(buffer);
  rtcp::write_sender_report(writer, Ssrc{kVideoSsrc}, {});
  const rtcp::ReportBlock block{.ssrc = Ssrc{kConsumer}};
  rtcp::write_receiver_report(writer, Ssrc{1}, {&block, 1});
  rtcp::write_pli(writer, {.sender = Ssrc{1}, .media = Ssrc{kConsumer}});
  rtcp::write_remb(writer, Ssrc{1}, BitRate{1'000'000}, std::array{Ssrc{kConsumer}});
  const Buffer compound(writer.written().begin(), writer.written().end());
  std::mt19937 random(1);
  for (size_t size = 8; size <= compound.size(); ++size) {
    for (int i = 0; i < 20; ++i) {
      Buffer changed(compound.begin(), compound.begin() + static_cast<std::ptrdiff_t>(size));
      changed[random() % size] = static_cast<uint8_t>(random());
      attacker->peer->send_rtcp(changed);
      sender->peer->send_rtcp(changed);
    }
    world.settle();
  }
  world.advance(1s);
  expect_alive();
}

// --- SCTP ----------------------------------------------------------------------------------------

class SctpAttacks : public DataWorld {
 protected:
  /// The verification tag that the server expects of a peer.
  uint32_t tag_of(Connection& of) const {
    DataPeer& data = of.peer->data();
    data.send_text(1, "x", world.now());
    return load_be32(data.poll_transmit(world.now()).value().data() + 4);
  }
  /// Up to four chunks of any kind up to `kinds`, but those that end an association, with lengths
  /// that are right, too short, or past the end.
  static Buffer chunks(std::mt19937& random, uint8_t kinds) {
    Buffer all;
    for (size_t count = 1 + random() % 4; count > 0; --count) {
      Buffer chunk(4 + random() % 40);
      for (uint8_t& byte : chunk) {
        byte = static_cast<uint8_t>(random());
      }
      chunk[0] = static_cast<uint8_t>(chunk[0] % (kinds + 1));
      chunk[0] = chunk[0] == sctp::chunk::kAbort ? sctp::chunk::kData : chunk[0];
      const size_t said = random() % 3 == 0 ? random() % 80 : chunk.size();
      store_be16(&chunk[2], static_cast<uint16_t>(said));
      chunk.resize((chunk.size() + 3) / 4 * 4);
      all.insert(all.end(), chunk.begin(), chunk.end());
    }
    return all;
  }
  /// An SCTP packet with a right checksum and these chunks, over the DTLS of an attacker that says
  /// nothing else.
  static Buffer packet(uint32_t tag, const Buffer& chunks) {
    Buffer bytes(12);
    store_be16(bytes.data(), 5000);
    store_be16(&bytes[2], 5000);
    store_be32(&bytes[4], tag);
    bytes.insert(bytes.end(), chunks.begin(), chunks.end());
    store_be32(&bytes[8], sctp::packet_checksum(bytes));
    return bytes;
  }
};

TEST_F(SctpAttacks, MalformedChunksOfAPeerHarmNobody) {  // ATTACK-16
  Connection& other = connect();
  const Handle channel = produce(other, 3);
  consume(other, 5, channel, other);
  std::mt19937 random(1);
  for (int round = 0; round < 10; ++round) {
    Connection& attacker = connect();
    const uint32_t tag = tag_of(attacker);
    for (int i = 0; i < 300; ++i) {
      const uint8_t kinds = i % 2 == 0 ? 15 : 255;
      attacker.peer->send_application_data(packet(i % 8 == 0 ? 0 : tag, chunks(random, kinds)));
      if (i % 50 == 0) {
        world.advance(5ms);
      }
    }
    world.advance(100ms);
  }
  other.peer->data().send_text(3, "still here", world.now());
  run_until([&] { return !other.peer->data().messages.empty(); }, 5s);
  EXPECT_THAT(other.peer->data().texts(), ::testing::ElementsAre("still here"));
}

}  // namespace
}  // namespace sluice::media::test
