// Setups of the streams that media tests use, with ids that read well in failures.
#pragma once

#include "media/loop_setup.h"
#include "support/loop_world.h"

namespace sluice::media::test {

using sluice::test::Buffer;
using sluice::test::LoopWorld;
using sluice::test::RtpFields;

inline constexpr uint32_t kVideoSsrc = 0x1111;
inline constexpr uint32_t kVideoRtxSsrc = 0x1112;
inline constexpr uint32_t kAudioSsrc = 0x2222;
inline constexpr uint8_t kVp8 = 96;
inline constexpr uint8_t kVp8Rtx = 97;
inline constexpr uint8_t kVp9 = 98;
inline constexpr uint8_t kOpus = 111;
inline constexpr uint8_t kRouterVp8 = 101;
inline constexpr uint8_t kRouterVp8Rtx = 102;
inline constexpr uint8_t kRouterVp9 = 103;
inline constexpr uint8_t kRouterOpus = 100;

inline ProducerSetup video_producer(Handle handle, Handle transport) {
  ProducerSetup setup;
  setup.handle = handle;
  setup.transport = transport;
  setup.video = true;
  setup.mid = "0";
  setup.cname = "sender";
  setup.codecs = {{.payload_type = kVp8,
                   .mapped_payload_type = kRouterVp8,
                   .rtx_payload_type = kVp8Rtx,
                   .codec = codecs::Codec::kVp8,
                   .clock_rate = 90000,
                   .nack = true,
                   .pli = true,
                   .fir = true,
                   .mime_type = "video/VP8"}};
  setup.encodings = {{.ssrc = kVideoSsrc,
                      .rtx_ssrc = kVideoRtxSsrc,
                      .rid = {},
                      .mapped_ssrc = 500000001,
                      .payload_type = kVp8}};
  setup.extension_ids.set(rtp::ExtensionKind::kMid, 4);
  setup.extension_ids.set(rtp::ExtensionKind::kTransportWideCc, 3);
  setup.extension_ids.set(rtp::ExtensionKind::kVideoOrientation, 5);
  setup.rate_feedback = bwe::RateFeedback::kTransportCc;
  return setup;
}

/// Three encodings of the same picture, with SSRCs 0x1110, 0x1120 and 0x1130.
inline ProducerSetup simulcast_producer(Handle handle, Handle transport,
                                        uint8_t temporal_layers = 1) {
  ProducerSetup setup = video_producer(handle, transport);
  setup.encodings.clear();
  for (uint32_t i = 0; i < 3; ++i) {
    setup.encodings.push_back({.ssrc = 0x1110 + 0x10 * i,
                               .rtx_ssrc = 0x1111 + 0x10 * i,
                               .rid = {},
                               .mapped_ssrc = 500000010 + i,
                               .payload_type = kVp8,
                               .temporal_layers = temporal_layers});
  }
  return setup;
}

/// One VP9 stream with three spatial layers.
inline ProducerSetup svc_producer(Handle handle, Handle transport, uint8_t temporal_layers = 1) {
  ProducerSetup setup = video_producer(handle, transport);
  setup.codecs.front().payload_type = kVp9;
  setup.codecs.front().mapped_payload_type = kRouterVp9;
  setup.codecs.front().codec = codecs::Codec::kVp9;
  setup.codecs.front().mime_type = "video/VP9";
  setup.encodings.front().payload_type = kVp9;
  setup.encodings.front().spatial_layers = 3;
  setup.encodings.front().temporal_layers = temporal_layers;
  return setup;
}

inline ProducerSetup audio_producer(Handle handle, Handle transport) {
  ProducerSetup setup;
  setup.handle = handle;
  setup.transport = transport;
  setup.mid = "1";
  setup.cname = "sender";
  setup.codecs = {{.payload_type = kOpus,
                   .mapped_payload_type = kRouterOpus,
                   .codec = codecs::Codec::kOpus,
                   .clock_rate = 48000,
                   .in_band_fec = true,
                   .mime_type = "audio/opus"}};
  setup.encodings = {
      {.ssrc = kAudioSsrc, .rid = {}, .mapped_ssrc = 500000002, .payload_type = kOpus}};
  return setup;
}

inline ConsumerSetup video_consumer(Handle handle, Handle transport, Handle producer,
                                    uint32_t ssrc = 700000001) {
  ConsumerSetup setup;
  setup.handle = handle;
  setup.transport = transport;
  setup.producer = producer;
  setup.video = true;
  setup.ssrc = ssrc;
  setup.rtx_ssrc = ssrc + 1;
  setup.rtx_payload_type = kRouterVp8Rtx;
  setup.payload_types = {kRouterVp8};
  setup.codec = codecs::Codec::kVp8;
  setup.clock_rate = 90000;
  setup.streams = {{}};
  setup.mime_type = "video/VP8";
  setup.nack = setup.pli = setup.fir = true;
  setup.mid = "0";
  setup.cname = "sender";
  setup.extensions = {rtp::ExtensionKind::kMid, rtp::ExtensionKind::kAbsSendTime,
                      rtp::ExtensionKind::kTransportWideCc};
  return setup;
}

inline ConsumerSetup simulcast_consumer(Handle handle, Handle transport, Handle producer,
                                        uint8_t temporal_layers = 1) {
  ConsumerSetup setup = video_consumer(handle, transport, producer);
  setup.type = ConsumerType::kSimulcast;
  setup.spatial_layers = 3;
  setup.temporal_layers = temporal_layers;
  setup.preferred_layers = {2, static_cast<int8_t>(temporal_layers - 1)};
  setup.streams.assign(3, {.temporal_layers = temporal_layers});
  return setup;
}

/// `key_frame_svc`: spatial layers depend on each other in key frames only.
inline ConsumerSetup svc_consumer(Handle handle, Handle transport, Handle producer,
                                  bool key_frame_svc, uint8_t temporal_layers = 1) {
  ConsumerSetup setup = video_consumer(handle, transport, producer);
  setup.type = ConsumerType::kSvc;
  setup.codec = codecs::Codec::kVp9;
  setup.payload_types = {kRouterVp9};
  setup.mime_type = "video/VP9";
  setup.spatial_layers = 3;
  setup.temporal_layers = temporal_layers;
  setup.key_frame_svc = key_frame_svc;
  setup.preferred_layers = {2, static_cast<int8_t>(temporal_layers - 1)};
  setup.streams = {{.spatial_layers = 3, .temporal_layers = temporal_layers}};
  return setup;
}

inline ConsumerSetup audio_consumer(Handle handle, Handle transport, Handle producer,
                                    uint32_t ssrc = 800000001) {
  ConsumerSetup setup;
  setup.handle = handle;
  setup.transport = transport;
  setup.producer = producer;
  setup.ssrc = ssrc;
  setup.payload_types = {kRouterOpus};
  setup.codec = codecs::Codec::kOpus;
  setup.clock_rate = 48000;
  setup.mime_type = "audio/opus";
  setup.mid = "1";
  setup.cname = "sender";
  setup.extensions = {rtp::ExtensionKind::kMid};
  return setup;
}

/// VP8 with a one-octet descriptor; a key frame's first packet or a delta frame's.
inline Buffer vp8_payload(bool key_frame, size_t size = 100) {
  Buffer payload(size, 0x55);
  payload[0] = 0x10;
  payload[1] = key_frame ? 0x00 : 0x01;
  return payload;
}

inline RtpFields video_packet(uint16_t seq, bool key_frame, uint32_t timestamp = 90000) {
  RtpFields fields;
  fields.ssrc = kVideoSsrc;
  fields.sequence_number = seq;
  fields.timestamp = timestamp;
  fields.payload_type = kVp8;
  fields.marker = true;
  fields.payload = vp8_payload(key_frame);
  return fields;
}

inline RtpFields audio_packet(uint16_t seq, uint32_t timestamp = 48000) {
  RtpFields fields;
  fields.ssrc = kAudioSsrc;
  fields.sequence_number = seq;
  fields.timestamp = timestamp;
  fields.payload_type = kOpus;
  fields.payload = Buffer(80, 0x78);
  return fields;
}

}  // namespace sluice::media::test
