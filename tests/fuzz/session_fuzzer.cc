// links: sluice_test_support
// A whole loop, driven by the input: two plain transports, and with half of the inputs a WebRTC
// peer behind ICE, DTLS and SRTP, with media and data channels between them; datagrams of strangers
// and of peers, raw and as valid as a hostile peer can make them; commands; time. Whatever comes:
// strangers get no more bytes back than they sent, nobody gets a packet that does not parse, no
// SRTP index is used twice, and when all is closed nothing is left.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "media/fanout.h"
#include "media/loop_udp_transport.h"
#include "protocol/ice/demux.h"
#include "protocol/rtcp/framing.h"
#include "protocol/rtp/packet_view.h"
#include "protocol/sctp/crc32c.h"
#include "support/loop_world.h"
#include "support/seeded_random.h"
#include "unit/media/streams.h"

namespace {

using namespace sluice;
using namespace sluice::media;
using namespace sluice::media::test;

constexpr uint8_t kSenderSocket = 1;
constexpr uint8_t kReceiverSocket = 2;
constexpr uint32_t kFirstConsumerSsrc = 0x20000000;
const SocketAddress kSender = *SocketAddress::parse("198.51.100.101:5000");
const SocketAddress kReceiver = *SocketAddress::parse("198.51.100.102:5000");
const SocketAddress kStranger = *SocketAddress::parse("203.0.113.66:9999");

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

/// Up to that many bytes of the input.
Buffer take(ByteReader& input, size_t most) {
  const Bytes bytes = input.bytes(std::min(most, input.remaining()));
  return {bytes.begin(), bytes.end()};
}

enum class Video : uint8_t { kSimple, kSimulcast, kSvc, kKeyFrameSvc };

class Call {
 public:
  explicit Call(ByteReader& input) : input_(input), world_(1, 1024) {
    const uint8_t how = input.u8();
    world_.sctp = sctp::Options{.send_buffer_size = 50'000, .receive_buffer_size = 50'000};
    sender_ = add_plain(kSenderSocket, kSender);
    receiver_ = add_plain(kReceiverSocket, kReceiver);
    if ((how & 1) != 0) {
      peer_ = &world_.connect();
    }
    video_ = static_cast<Video>(how >> 1 & 3);
    feedback_ = (how & 8) != 0    ? std::optional(bwe::RateFeedback::kTransportCc)
                : (how & 16) != 0 ? std::optional(bwe::RateFeedback::kRemb)
                                  : std::nullopt;
    produce();
    consume();
    add_data();
    world_.settle();
  }

  void run() {
    for (int steps = 0; steps < 200 && input_.ok() && input_.remaining() > 0; ++steps) {
      act(input_.u8());
      world_.settle();
      check_output();
    }
    close();
  }

 private:
  // --- the objects -------------------------------------------------------------------------------

  Handle add_plain(uint8_t socket, const SocketAddress& remote) {
    const UdpSetup setup{.handle = world_.next_handle(), .socket = socket, .sctp = world_.sctp};
    world_.command(0, [&](MediaLoop& loop) {
      loop.add_transport(setup);
      loop.connect_transport(setup.handle, UdpRemote{.rtp = remote});
    });
    return setup.handle;
  }

  void produce() {
    video_producer_ = world_.next_handle();
    audio_producer_ = world_.next_handle();
    ProducerSetup video = video_ == Video::kSimple ? video_producer(video_producer_, sender_)
                          : video_ == Video::kSimulcast
                              ? simulcast_producer(video_producer_, sender_, 3)
                              : svc_producer(video_producer_, sender_, 3);
    ProducerSetup audio = audio_producer(audio_producer_, peer_ ? peer_->handle : sender_);
    audio.codecs.front().nack = true;
    for (ProducerSetup* const setup : {&video, &audio}) {
      setup->extension_ids.set(rtp::ExtensionKind::kMid, 4);
      setup->extension_ids.set(rtp::ExtensionKind::kRid, 6);
      setup->extension_ids.set(rtp::ExtensionKind::kRepairedRid, 7);
      setup->extension_ids.set(rtp::ExtensionKind::kAbsSendTime, 2);
      setup->extension_ids.set(rtp::ExtensionKind::kDependencyDescriptor, 8);
      setup->extension_ids.set(rtp::ExtensionKind::kAudioLevel, 10);
    }
    world_.command(0, [&](MediaLoop& loop) {
      loop.add_producer(video);
      loop.add_producer(audio);
    });
  }

  void consume() {
    for (const Handle transport : {receiver_, peer_ ? peer_->handle : receiver_}) {
      ConsumerSetup video = consumer_of_video(transport);
      video.ssrc = next_ssrc_++;
      video.rtx_ssrc = next_ssrc_++;
      video.rate_feedback = feedback_;
      ConsumerSetup audio =
          audio_consumer(world_.next_handle(), transport, audio_producer_, next_ssrc_++);
      audio.nack = true;
      world_.command(0, [&](MediaLoop& loop) {
        loop.add_consumer(video);
        loop.add_consumer(audio);
      });
      consumers_.push_back(video.handle);
      consumers_.push_back(audio.handle);
    }
  }
  ConsumerSetup consumer_of_video(Handle transport) {
    const Handle handle = world_.next_handle();
    switch (video_) {
      case Video::kSimple:
        return video_consumer(handle, transport, video_producer_);
      case Video::kSimulcast:
        return simulcast_consumer(handle, transport, video_producer_, 3);
      case Video::kSvc:
      case Video::kKeyFrameSvc:
        break;
    }
    return svc_consumer(handle, transport, video_producer_, video_ == Video::kKeyFrameSvc, 3);
  }

  /// Messages of the first sender come back to it, and reach the peer.
  void add_data() {
    const Handle producer = world_.next_handle();
    world_.command(0, [&](MediaLoop& loop) {
      loop.data().add_producer({.handle = producer, .transport = sender_, .stream = 1});
    });
    for (const Handle transport : {sender_, peer_ ? peer_->handle : receiver_}) {
      const DataConsumerSetup setup{.handle = world_.next_handle(),
                                    .transport = transport,
                                    .producer = producer,
                                    .stream = DataStream{2, {}}};
      world_.command(0, [&](MediaLoop& loop) { loop.data().add_consumer(setup); });
    }
  }

  // --- what happens ------------------------------------------------------------------------------

  void act(uint8_t action) {
    switch (action % 16) {
      case 0:
        return from_stranger();
      case 1:
        return world_.deliver(0, kSender, take(input_, input_.u16()), kSenderSocket);
      case 2:
        return world_.deliver(0, kReceiver, take(input_, input_.u16()), kReceiverSocket);
      case 3:
        return from_peer(take(input_, input_.u8()));
      case 4:
      case 5:
        return world_.deliver(0, kSender, media_packet(), kSenderSocket);
      case 6:
        return send_to_peer_protected(media_packet());
      case 7:
        return world_.deliver(0, kSender, report(), kSenderSocket);
      case 8:
      case 9:
        return world_.deliver(0, kReceiver, report(), kReceiverSocket);
      case 10:
        if (peer_ != nullptr) {
          peer_->peer->send_rtcp(report());
        }
        return;
      case 11:
        return world_.deliver(0, kSender, sctp_packet(), kSenderSocket);
      case 12:
        if (peer_ != nullptr) {
          peer_->peer->send_application_data(sctp_packet());
        }
        return;
      case 13:
        return command();
      default:
        world_.advance(Millis(input_.u8() * ((action & 0x80) != 0 ? 4 : 1)), 50ms);
    }
  }

  void from_stranger() {
    world_.stray.clear();
    const uint8_t socket = input_.u8() % 3;
    const Buffer datagram = take(input_, input_.u16());
    world_.deliver(0, kStranger, datagram, socket);
    world_.settle();
    size_t answered = 0;
    for (const auto& [to, bytes] : world_.stray) {
      answered += to == kStranger ? bytes.size() : 0;
    }
    require(answered <= datagram.size());
  }
  void from_peer(const Buffer& datagram) {
    if (peer_ != nullptr) {
      world_.deliver(0, peer_->address, datagram);
    }
  }
  void send_to_peer_protected(const Buffer& packet) {
    if (peer_ != nullptr && rtp::PacketView::parse(packet)) {
      peer_->peer->send_plain_rtp(packet);
    }
  }

  /// RTP whose header is one that a producer expects, unless the input wants it otherwise.
  Buffer media_packet() {
    static constexpr std::array<uint32_t, 8> kSsrcs = {
        kVideoSsrc, kVideoRtxSsrc, 0x1110, 0x1111, 0x1120, 0x1130, kAudioSsrc, 0x7777};
    static constexpr std::array<uint8_t, 6> kPayloadTypes = {kVp8, kVp8Rtx, kVp9, kOpus, 0, 127};
    const uint8_t which = input_.u8();
    const uint8_t how = input_.u8();
    RtpFields fields;
    fields.ssrc = kSsrcs[which % kSsrcs.size()];
    fields.payload_type = kPayloadTypes[(how & 7) % kPayloadTypes.size()];
    fields.marker = (how & 8) != 0;
    sequence_ = static_cast<uint16_t>(sequence_ + ((how & 16) != 0 ? input_.u16() : 1));
    fields.sequence_number = sequence_;
    timestamp_ += (how & 32) != 0 ? input_.u32() : 3000;
    fields.timestamp = timestamp_;
    for (uint8_t count = which >> 4 & 3; count > 0; --count) {
      const uint8_t id = 1 + input_.u8() % 14;
      Buffer value = take(input_, 1 + input_.u8() % 16);
      if (!value.empty()) {
        fields.extensions.emplace_back(id, std::move(value));
      }
    }
    fields.payload = take(input_, input_.u8());
    fields.payload.resize(fields.payload.size() + ((how & 64) != 0 ? 1000 : 0), 0x55);
    return sluice::test::make_rtp(fields);
  }

  /// One RTCP packet of any kind, about a stream that exists.
  Buffer report() {
    const uint8_t type = 192 + input_.u8() % 32;
    const uint8_t format = input_.u8() % 32;
    const uint8_t stream = input_.u8();
    Buffer body = take(input_, input_.u8() * 4);
    body.resize(body.size() / 4 * 4);
    Buffer packet(12 + body.size());
    packet[0] = 0x80 | format;
    packet[1] = type;
    store_be16(&packet[2], static_cast<uint16_t>(packet.size() / 4 - 1));
    store_be32(&packet[4], (stream & 0x80) != 0 ? kVideoSsrc : 1);
    store_be32(&packet[8], kFirstConsumerSsrc + stream % 8);
    std::ranges::copy(body, packet.begin() + 12);
    return packet;
  }

  Buffer sctp_packet() {
    const uint8_t how = input_.u8();
    const Buffer chunks = take(input_, input_.u8() * 4);
    Buffer packet(12 + chunks.size());
    store_be16(packet.data(), 5000);
    store_be16(&packet[2], 5000);
    store_be32(&packet[4], (how & 1) != 0 ? 0 : tag_);
    std::ranges::copy(chunks, packet.begin() + 12);
    store_be32(&packet[8], sctp::packet_checksum(packet));
    return packet;
  }

  void command() {
    const uint8_t what = input_.u8();
    const Handle consumer = consumers_[input_.u8() % consumers_.size()];
    world_.command(0, [&](MediaLoop& loop) {
      switch (what % 9) {
        case 0:
          return loop.set_consumer_paused(consumer, (what & 0x80) != 0);
        case 1:
          return loop.set_producer_paused(video_producer_, (what & 0x80) != 0);
        case 2:
          return loop.set_consumer_preferred_layers(
              consumer, {static_cast<int8_t>(what >> 4 & 3), static_cast<int8_t>(what >> 6 & 3)});
        case 3:
          return loop.set_consumer_priority(consumer, what);
        case 4:
          return loop.request_consumer_key_frame(consumer);
        case 5:
          return loop.set_bitrate_limits(receiver_, {.max_incoming = BitRate(what * 10'000U),
                                                     .max_outgoing = BitRate(40'000U * what)});
        case 6:
          return loop.set_traces(consumer, {TraceType::kRtp, TraceType::kNack});
        case 7:
          return loop.remove_consumer(consumer);
        default:
          (void)loop.transport_stats(receiver_);
          (void)loop.consumer_stats(consumer);
          (void)loop.consumer_dump(consumer);
          (void)loop.producer_dump(video_producer_);
      }
    });
  }

  // --- what must be ------------------------------------------------------------------------------

  void check_output() {
    for (const auto& [to, bytes] : world_.stray) {
      check_datagram(bytes);
    }
    world_.stray.clear();
    world_.events.clear();
    if (peer_ != nullptr) {
      for (const Buffer& packet : peer_->peer->rtp) {
        require(rtp::PacketView::parse(packet).has_value());
      }
      peer_->peer->rtp.clear();
      peer_->peer->protected_rtp.clear();
      peer_->peer->rtcp.clear();
      peer_->peer->data().messages.clear();
      peer_->peer->data().events.clear();
    }
    require(world_.loop().egress().refused() == 0);
  }
  /// What a plain transport sent.
  void check_datagram(Bytes bytes) {
    switch (ice::classify_plain(bytes)) {
      case ice::PacketClass::kRtp:
        require(rtp::PacketView::parse(bytes).has_value());
        break;
      case ice::PacketClass::kRtcp: {
        rtcp::CompoundWalker walker(bytes);
        size_t packets = 0;
        while (walker.next()) {
          ++packets;
        }
        require(packets > 0);
        break;
      }
      case ice::PacketClass::kSctp:
        tag_ = load_be32(&bytes[4]);
        break;
      default:
        break;
    }
  }

  void close() {
    world_.command(0, [&](MediaLoop& loop) {
      for (const Handle consumer : consumers_) {
        loop.remove_consumer(consumer);
      }
      loop.remove_producer(video_producer_);
      loop.remove_producer(audio_producer_);
      loop.remove_transport(sender_);
      loop.remove_transport(receiver_);
      if (peer_ != nullptr) {
        loop.remove_transport(peer_->handle);
      }
    });
    world_.settle();
    require(world_.loop().transport_count() == 0);
    require(world_.loop().fanout_count() == 0);
    require(world_.loop().table().tuple_count() == 0);
    require(world_.slab().in_use() == 0);
  }

  ByteReader& input_;
  LoopWorld world_;
  LoopWorld::Connection* peer_ = nullptr;
  Video video_ = Video::kSimple;
  std::optional<bwe::RateFeedback> feedback_;
  Handle sender_ = 0;
  Handle receiver_ = 0;
  Handle video_producer_ = 0;
  Handle audio_producer_ = 0;
  std::vector<Handle> consumers_;
  uint32_t next_ssrc_ = kFirstConsumerSsrc;
  uint16_t sequence_ = 0;
  uint32_t timestamp_ = 0;
  uint32_t tag_ = 0;  ///< that SCTP of a plain transport's peer has
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)sluice::test::shared_dtls_context();
  sluice::test::seed_random(1);
  ByteReader input(Bytes(data, size));
  Call(input).run();
  return 0;
}
