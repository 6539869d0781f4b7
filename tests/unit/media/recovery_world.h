// A call over bad links: one client sends video and audio, others receive them, each behind links
// of its own, on one loop or several.
#pragma once

#include <memory>
#include <vector>

#include "streams.h"
#include "support/endpoint.h"

namespace sluice::media::test {

using sluice::test::delivery;
using sluice::test::Delivery;
using sluice::test::Endpoint;
using sluice::test::MediaSink;
using sluice::test::MediaSource;

/// 50 ms each way, as both directions of all links in these tests unless they say otherwise.
inline net::Impairments wide_area(double loss = 0) {
  return {.loss = loss, .delay = 50ms};
}

class RecoveryWorld {
 public:
  struct Receiver {
    Endpoint* endpoint = nullptr;
    MediaSink* video = nullptr;
    MediaSink* audio = nullptr;
    Handle video_consumer = 0;
    Handle audio_consumer = 0;
  };

  /// The sender is on loop 0. Its audio is repaired without RTX.
  explicit RecoveryWorld(unsigned loops = 1) : world(loops) {
    sender = &add_endpoint(0);
    video_producer_handle = world.next_handle();
    audio_producer_handle = world.next_handle();
    auto repaired_audio = audio_producer(audio_producer_handle, sender->transport());
    repaired_audio.codecs[0].nack = true;
    world.command(0, [&](MediaLoop& loop) {
      loop.add_producer(video_producer(video_producer_handle, sender->transport()));
      loop.add_producer(repaired_audio);
    });
    video = &sender->add_source({.ssrc = kVideoSsrc,
                                 .rtx_ssrc = kVideoRtxSsrc,
                                 .payload_type = kVp8,
                                 .rtx_payload_type = kVp8Rtx,
                                 .video = true,
                                 .transport_cc_id = 3});
    audio = &sender->add_source({.ssrc = kAudioSsrc,
                                 .payload_type = kOpus,
                                 .clock_rate = 48000,
                                 .frame_interval = 20ms,
                                 .frame_size = 80});
    world.each_step = [this](Micros now) {
      for (const auto& endpoint : endpoints_) {
        endpoint->step(now);
      }
    };
  }

  Receiver add_receiver(unsigned loop = 0) {
    Receiver receiver;
    receiver.endpoint = &add_endpoint(loop);
    const uint32_t video_ssrc = 700000001 + 10 * static_cast<uint32_t>(endpoints_.size());
    const uint32_t audio_ssrc = 800000001 + 10 * static_cast<uint32_t>(endpoints_.size());
    receiver.video_consumer = world.next_handle();
    receiver.audio_consumer = world.next_handle();
    auto one = video_consumer(receiver.video_consumer, receiver.endpoint->transport(),
                              video_producer_handle, video_ssrc);
    auto two = audio_consumer(receiver.audio_consumer, receiver.endpoint->transport(),
                              audio_producer_handle, audio_ssrc);
    two.nack = true;
    world.command(loop, [&](MediaLoop& media) {
      media.add_consumer(one);
      media.add_consumer(two);
    });
    if (loop != 0) {
      world.command(0, [&](MediaLoop& media) {
        media.set_remote_loop(video_producer_handle, loop, true);
        media.set_remote_loop(audio_producer_handle, loop, true);
      });
    }
    receiver.video = &receiver.endpoint->add_sink(
        {.ssrc = video_ssrc, .rtx_ssrc = video_ssrc + 1, .video = true});
    receiver.audio = &receiver.endpoint->add_sink({.ssrc = audio_ssrc, .clock_rate = 48000});
    return receiver;
  }

  void set_links(Endpoint& endpoint, const net::Impairments& up, const net::Impairments& down) {
    auto& connection = endpoint.connection();
    connection.uplink = std::make_unique<net::ImpairedLink>(++seed_, up);
    connection.downlink = std::make_unique<net::ImpairedLink>(++seed_, down);
  }

  void run(Micros duration) { world.advance(duration, 1ms); }

  RtpStreamStats consumer_stats(unsigned loop, Handle handle) {
    return world.loop(loop).consumer_stats(handle).at(0);
  }
  RtpStreamStats producer_stats(Handle handle) {
    return world.loop(0).producer_stats(handle).at(0);
  }

  LoopWorld world;
  Endpoint* sender = nullptr;
  MediaSource* video = nullptr;
  MediaSource* audio = nullptr;
  Handle video_producer_handle = 0;
  Handle audio_producer_handle = 0;

 private:
  Endpoint& add_endpoint(unsigned loop) {
    endpoints_.push_back(std::make_unique<Endpoint>(world.connect(loop)));
    return *endpoints_.back();
  }

  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  uint64_t seed_ = 1;
};

}  // namespace sluice::media::test
