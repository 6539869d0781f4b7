// A sender and a receiver in a LoopWorld, with short ways to use them: the fixture of most tests
// about media.
#pragma once

#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "protocol/rtcp/compound_builder.h"
#include "protocol/rtcp/compound_parser.h"
#include "protocol/rtcp/picture_feedback.h"
#include "streams.h"

namespace sluice::media::test {

inline constexpr uint32_t kConsumerSsrc = 700000001;

inline rtp::PacketView parse(const Buffer& packet) {
  return rtp::PacketView::parse(packet).value();
}

class OneToOne {
 protected:
  /// The sender is on loop 0, the receiver on 0 or 1; both are connected.
  explicit OneToOne(unsigned loop_of_receiver = 0)
      : world(2),
        receiver_loop(loop_of_receiver),
        sender(&world.connect(0)),
        receiver(&world.connect(receiver_loop)),
        producer(world.next_handle()),
        consumer(world.next_handle()) {}

  // Run a command on the loop of either.
  void at_sender(const std::function<void(MediaLoop&)>& run) { world.command(0, run); }
  void at_receiver(const std::function<void(MediaLoop&)>& run) {
    world.command(receiver_loop, run);
  }

  void produce(const ProducerSetup& setup) {
    at_sender([&](MediaLoop& loop) { loop.add_producer(setup); });
  }
  /// On the receiver's loop, which the producer's loop is told of.
  void consume(const ConsumerSetup& setup) {
    at_receiver([&](MediaLoop& loop) { loop.add_consumer(setup); });
    if (receiver_loop != 0) {
      at_sender(
          [&](MediaLoop& loop) { loop.set_remote_loop(setup.producer, receiver_loop, true); });
    }
    world.settle();
  }
  /// `producer` and `consumer` as one video stream.
  void connect_video() {
    produce(video_producer(producer, sender->handle));
    consume(video_consumer(consumer, receiver->handle, producer, kConsumerSsrc));
  }
  void prefer(codecs::Layers layers) {
    at_receiver([&](MediaLoop& loop) { loop.set_consumer_preferred_layers(consumer, layers); });
    world.settle();
  }

  void send(const RtpFields& fields) {
    sender->peer->send_rtp(fields);
    world.settle();
  }
  void send_rtcp(const LoopWorld::Connection& from, const std::function<void(ByteWriter&)>& write) {
    Buffer buffer(1200);
    ByteWriter writer(buffer);
    write(writer);
    from.peer->send_rtcp(writer.written());
    world.settle();
  }
  void send_sender_report(uint32_t ssrc, const rtcp::SenderInfo& info) {
    const rtcp::OutgoingSenderReport report{Ssrc{ssrc}, info};
    send_rtcp(*sender, [&](ByteWriter& writer) {
      rtcp::CompoundBuilder compound;
      std::array<uint8_t, rtcp::kRtcpBudget> buffer;
      const auto write = [&](Bytes packet) { writer.bytes(packet); };
      compound.add_or_flush({.sender_reports = {&report, 1}}, buffer, write);
      compound.finish(buffer, write);
    });
  }
  void send_bye(uint32_t ssrc) {
    send_rtcp(*sender, [&](ByteWriter& writer) {
      writer.u32(0x81cb0001);
      writer.u32(ssrc);
    });
  }
  /// The receiver asks for a key frame.
  void send_pli(uint32_t ssrc = kConsumerSsrc) {
    send_rtcp(*receiver, [&](ByteWriter& writer) {
      rtcp::write_pli(writer, {.sender = Ssrc{1}, .media = Ssrc{ssrc}});
    });
  }

  /// The packets of a stream that came to the receiver since the last call; all others are gone.
  std::vector<Buffer> take(uint32_t ssrc = kConsumerSsrc) {
    std::vector<Buffer> found = std::exchange(receiver->peer->rtp, {});
    std::erase_if(found, [&](const Buffer& packet) { return parse(packet).ssrc() != Ssrc{ssrc}; });
    return found;
  }
  /// The streams of which the sender was asked for a key frame since the last call.
  std::vector<uint32_t> take_key_frame_requests() {
    std::vector<uint32_t> streams;
    for (const Buffer& packet : std::exchange(sender->peer->rtcp, {})) {
      rtcp::parse_compound(packet, rtcp::Overloaded{[&](const rtcp::Pli& pli) {
                             streams.push_back(pli.header.media.value);
                           }});
    }
    return streams;
  }
  /// The events of one kind about an object since the last call; all other events are gone.
  template <class Event>
  std::vector<Event> take_events(Handle object) {
    std::vector<Event> found = world.events_of<Event>(object);
    world.events.clear();
    return found;
  }

  LoopWorld world;
  unsigned receiver_loop;
  LoopWorld::Connection* sender;
  LoopWorld::Connection* receiver;
  Handle producer;
  Handle consumer;
};

/// The parameter is the loop of the receiver.
inline constexpr std::array kReceiverLoops{0U, 1U};
inline const auto kLoopName = [](const auto& instance) {
  return std::string(instance.param == 0 ? "SameLoop" : "OtherLoop");
};

}  // namespace sluice::media::test
