// A call whose receivers sit behind links with a limit: one client sends video in layers, others
// get it through consumers whose transports estimate what they may send. Real loops, virtual time.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/bwe/probation_packet.h"
#include "protocol/rtp/extension_kind.h"
#include "streams.h"
#include "support/endpoint.h"

namespace sluice::media::test {

using sluice::test::Endpoint;
using sluice::test::MediaSink;
using sluice::test::MediaSource;

/// What of one stream got to its receiver, judged as a decoder would.
class Playback {
 public:
  /// A packet of the stream, or one that RTX `recovered`: it may be one too many.
  void on_packet(SeqNum sequence, Timestamp timestamp, bool marker, bool recovered, Micros now) {
    const int64_t number = extend<16>(sequence.value, highest_);
    highest_ = packets_.empty() ? number : std::max(highest_, number);
    const auto [packet, added] =
        packets_.emplace(number, Packet{timestamp, marker, recovered, now});
    if (!added && !recovered) {
      repeated_ += packet->second.recovered ? 0 : 1;
      packet->second.recovered = false;
    }
  }

  [[nodiscard]] uint64_t repeated() const { return repeated_; }
  /// Numbers that never came, behind the first packet that came at `from` or later.
  [[nodiscard]] uint64_t missing(Micros from) const {
    uint64_t count = 0;
    std::optional<int64_t> last;
    for (const auto& [number, packet] : packets_) {
      if (last) {
        count += static_cast<uint64_t>(number - *last - 1);
      }
      if (last || packet.at >= from) {
        last = number;
      }
    }
    return count;
  }
  /// Packets whose timestamp is before that of the packet in front of them.
  [[nodiscard]] uint64_t backward() const {
    uint64_t count = 0;
    std::optional<Timestamp> last;
    for (const auto& [number, packet] : packets_) {
      count += last && is_higher(*last, packet.timestamp) ? 1 : 0;
      last = packet.timestamp;
    }
    return count;
  }
  /// The longest time that passed between two frames being complete, from `from` on.
  [[nodiscard]] Micros longest_freeze(Micros from) const {
    Micros ready{0};
    std::optional<Micros> shown;
    Micros longest{0};
    for (const auto& [number, packet] : packets_) {
      ready = std::max(ready, packet.at);
      if (!packet.marker) {
        continue;
      }
      if (shown && ready >= from) {
        longest = std::max(longest, ready - *shown);
      }
      shown = ready;
    }
    return longest;
  }

 private:
  struct Packet {
    Timestamp timestamp;
    bool marker = false;
    bool recovered = false;  ///< only RTX brought it so far
    Micros at{0};
  };
  std::map<int64_t, Packet> packets_;
  int64_t highest_ = 0;
  uint64_t repeated_ = 0;
};

/// A link of 25 ms each way with that much room.
inline net::Impairments limited_to(uint64_t kbps) {
  return {.delay = 25ms, .bandwidth = BitRate{kbps * 1000}};
}

class BandwidthWorld {
 public:
  struct Receiver {
    Endpoint* endpoint = nullptr;
    unsigned loop = 0;
    std::vector<Handle> consumers;
    std::vector<uint32_t> ssrcs;
    std::vector<Playback> playbacks;
    uint64_t padding = 0;  ///< bytes of the probation stream

    [[nodiscard]] sluice::test::LoopWorld::Connection& connection() const {
      return endpoint->connection();
    }
  };

  /// How the three layers of a video are sent.
  enum class Scheme { kSimulcast, kSvc, kKeyFrameSvc };

  struct ConsumeOptions {
    uint8_t priority = 1;
    /// Nothing: what may be sent is not estimated.
    std::optional<bwe::RateFeedback> feedback = bwe::RateFeedback::kTransportCc;
  };

  /// Rates of a picture of the three layers on the wire, about. With full SVC a layer has what it
  /// adds to those below.
  static constexpr std::array<uint64_t, 3> kKbps = {150, 700, 2000};

  explicit BandwidthWorld(unsigned loops = 1) : world(loops, 16384) {
    sender = &add_endpoint(0);
    world.each_step = [this](Micros now) {
      for (const auto& receiver : receivers_) {
        watch(*receiver, now);
      }
      for (const auto& endpoint : endpoints_) {
        endpoint->step(now);
      }
    };
  }

  /// A producer of three layers, sent from now on.
  Handle add_video(Scheme scheme = Scheme::kSimulcast) {
    const Handle producer = world.next_handle();
    schemes_[producer] = scheme;
    const uint32_t base = 0x1000 * static_cast<uint32_t>(schemes_.size());
    ProducerSetup setup = scheme == Scheme::kSimulcast ? add_simulcast(producer, base)
                                                       : add_svc(producer, base, scheme);
    setup.mid = std::to_string(schemes_.size());
    world.command(0, [&](MediaLoop& loop) { loop.add_producer(setup); });
    return producer;
  }

  /// Nothing more is sent, but what is on its way arrives.
  void stop_sending() { std::ranges::for_each(sources_, &MediaSource::stop); }

  Receiver& add_receiver(const net::Impairments& link, unsigned loop = 0) {
    auto receiver = std::make_unique<Receiver>();
    receiver->endpoint = &add_endpoint(loop);
    receiver->loop = loop;
    auto& connection = receiver->connection();
    connection.uplink =
        std::make_unique<net::ImpairedLink>(++seed_, net::Impairments{.delay = link.delay});
    connection.downlink = std::make_unique<net::ImpairedLink>(++seed_, link);
    receivers_.push_back(std::move(receiver));
    return *receivers_.back();
  }
  void limit(Receiver& receiver, net::Impairments link) {
    receiver.connection().downlink->set_impairments(link);
  }

  /// Index of the consumer among the receiver's.
  size_t consume(Receiver& receiver, Handle producer, const ConsumeOptions& options) {
    const Handle handle = world.next_handle();
    const auto ssrc = 700000001 + 10 * static_cast<uint32_t>(handle);
    ConsumerSetup setup = consumer_setup(handle, receiver.endpoint->transport(), producer);
    setup.ssrc = ssrc;
    setup.rtx_ssrc = ssrc + 1;
    setup.priority = options.priority;
    setup.rate_feedback = options.feedback;
    enable_feedback(receiver, options.feedback);
    world.command(receiver.loop, [&](MediaLoop& loop) { loop.add_consumer(setup); });
    if (receiver.loop != 0) {
      world.command(0,
                    [&](MediaLoop& loop) { loop.set_remote_loop(producer, receiver.loop, true); });
    }
    receiver.endpoint->add_sink({.ssrc = ssrc, .rtx_ssrc = ssrc + 1, .video = true});
    receiver.consumers.push_back(handle);
    receiver.ssrcs.push_back(ssrc);
    receiver.playbacks.emplace_back();
    return receiver.consumers.size() - 1;
  }
  size_t consume(Receiver& receiver, Handle producer) {
    return consume(receiver, producer, ConsumeOptions{});
  }

  void run(Micros duration) { world.advance(duration, 1ms); }
  /// Runs until `reached` or for `most`; how long that took.
  template <class Condition>
  Micros run_until(Condition&& reached, Micros most) {
    const Micros start = world.now();
    while (!reached() && world.now() - start < most) {
      run(10ms);
    }
    return world.now() - start;
  }

  /// Which stream goes out, -1 for none.
  int layer(const Receiver& receiver, size_t consumer = 0) {
    return world.loop(receiver.loop)
        .consumer_dump(receiver.consumers[consumer])
        .current_layers.spatial;
  }
  TransportStats stats(const Receiver& receiver) {
    return world.loop(receiver.loop).transport_stats(receiver.endpoint->transport());
  }
  uint64_t available_kbps(const Receiver& receiver) {
    return stats(receiver).available_outgoing_bitrate.value_or(BitRate{}).value / 1000;
  }

  sluice::test::LoopWorld world;
  Endpoint* sender = nullptr;

 private:
  Endpoint& add_endpoint(unsigned loop) {
    endpoints_.push_back(std::make_unique<Endpoint>(world.connect(loop)));
    return *endpoints_.back();
  }

  static size_t frame_size(uint64_t kbps) { return kbps * 1000 / 8 / 30 * 95 / 100; }

  ProducerSetup add_simulcast(Handle producer, uint32_t base) {
    ProducerSetup setup = simulcast_producer(producer, sender->transport());
    for (uint32_t stream = 0; stream < 3; ++stream) {
      const uint32_t ssrc = base + 0x10 * stream;
      setup.encodings[stream].ssrc = ssrc;
      setup.encodings[stream].rtx_ssrc = ssrc + 1;
      setup.encodings[stream].mapped_ssrc += base;
      sources_.push_back(&sender->add_source({.ssrc = ssrc,
                                              .rtx_ssrc = ssrc + 1,
                                              .payload_type = kVp8,
                                              .rtx_payload_type = kVp8Rtx,
                                              .video = true,
                                              .frame_size = frame_size(kKbps[stream]),
                                              .key_frame_size = 3 * frame_size(kKbps[stream]),
                                              .transport_cc_id = 3}));
    }
    return setup;
  }
  ProducerSetup add_svc(Handle producer, uint32_t ssrc, Scheme scheme) {
    ProducerSetup setup = svc_producer(producer, sender->transport());
    setup.encodings.front().ssrc = ssrc;
    setup.encodings.front().rtx_ssrc = ssrc + 1;
    setup.encodings.front().mapped_ssrc += ssrc;
    const bool full = scheme == Scheme::kSvc;
    std::vector<size_t> layers;
    for (size_t spatial = 0; spatial < kKbps.size(); ++spatial) {
      const uint64_t below = full && spatial > 0 ? kKbps[spatial - 1] : 0;
      layers.push_back(frame_size(kKbps[spatial] - below));
    }
    sources_.push_back(&sender->add_source({.ssrc = ssrc,
                                            .rtx_ssrc = ssrc + 1,
                                            .payload_type = kVp9,
                                            .rtx_payload_type = kVp8Rtx,
                                            .video = true,
                                            .spatial_layers = std::move(layers),
                                            .key_frame_svc = !full,
                                            .transport_cc_id = 3}));
    return setup;
  }
  ConsumerSetup consumer_setup(Handle handle, Handle transport, Handle producer) const {
    const Scheme scheme = schemes_.at(producer);
    return scheme == Scheme::kSimulcast
               ? simulcast_consumer(handle, transport, producer)
               : svc_consumer(handle, transport, producer, scheme == Scheme::kKeyFrameSvc);
  }

  /// The receiver answers with what its consumers negotiated.
  void enable_feedback(const Receiver& receiver, std::optional<bwe::RateFeedback> feedback) const {
    using rtp::ExtensionKind;
    if (receiver.consumers.empty() && feedback == bwe::RateFeedback::kTransportCc) {
      receiver.endpoint->enable_feedback(rtp::router_id(ExtensionKind::kTransportWideCc),
                                         world.now());
    } else if (feedback == bwe::RateFeedback::kRemb) {
      receiver.endpoint->enable_remb(rtp::router_id(ExtensionKind::kAbsSendTime));
    }
  }

  static void watch(Receiver& receiver, Micros now) {
    for (const Buffer& packet : receiver.connection().peer->rtp) {
      const auto view = rtp::PacketView::parse(packet).value();
      if (view.ssrc() == bwe::kProbationSsrc) {
        receiver.padding += packet.size();
      }
      for (size_t i = 0; i < receiver.ssrcs.size(); ++i) {
        if (view.ssrc().value == receiver.ssrcs[i]) {
          receiver.playbacks[i].on_packet(view.sequence_number(), view.timestamp(), view.marker(),
                                          /*recovered=*/false, now);
        } else if (view.ssrc().value == receiver.ssrcs[i] + 1) {
          receiver.playbacks[i].on_packet(SeqNum{load_be16(view.payload().data())},
                                          view.timestamp(), view.marker(), /*recovered=*/true, now);
        }
      }
    }
  }

  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::map<Handle, Scheme> schemes_;  ///< by producer
  std::vector<MediaSource*> sources_;
  uint64_t seed_ = 1;
};

/// From `from` on everything came that was sent, once and in order, and no picture stood still for
/// long.
inline void expect_continuous(const BandwidthWorld::Receiver& receiver, Micros from) {
  for (const Playback& playback : receiver.playbacks) {
    EXPECT_EQ(playback.repeated(), 0u);
    EXPECT_EQ(playback.missing(from), 0u);
    EXPECT_EQ(playback.backward(), 0u);
    EXPECT_LT(playback.longest_freeze(from), 300ms);
  }
}

}  // namespace sluice::media::test
