#include "media/loop_producer.h"

#include <algorithm>
#include <array>

#include "media/fanout.h"
#include "media/media_loop.h"
#include "media/rtp_session.h"
#include "protocol/rtp/extension_values.h"

namespace sluice::media {
namespace {

// A sender that replaces its SSRCs all the time must not fill the SRTP state of its transport.
constexpr size_t kMaxRetired = 64;

std::vector<rtp::StreamEncoding> stream_encodings(const ProducerSetup& setup) {
  std::vector<rtp::StreamEncoding> encodings;
  for (const ProducerEncoding& encoding : setup.encodings) {
    rtp::StreamEncoding stream;
    if (encoding.ssrc != 0) {
      stream.ssrc = Ssrc{encoding.ssrc};
    }
    if (encoding.rtx_ssrc != 0) {
      stream.rtx_ssrc = Ssrc{encoding.rtx_ssrc};
    }
    stream.rid = encoding.rid;
    stream.payload_type = PayloadType{encoding.payload_type};
    if (setup.red) {
      stream.red_payload_type = PayloadType{setup.red->payload_type};
    }
    for (const ProducerCodec& codec : setup.codecs) {
      if (codec.payload_type == encoding.payload_type && codec.rtx_payload_type >= 0) {
        stream.rtx_payload_type = PayloadType{static_cast<uint8_t>(codec.rtx_payload_type)};
      }
    }
    encodings.push_back(std::move(stream));
  }
  return encodings;
}

std::vector<LayerBitrate> layer_bitrates(layers::LayerRates& rates, Micros now) {
  std::vector<LayerBitrate> all;
  if (rates.spatial_layers() * rates.temporal_layers() == 1) {
    return all;
  }
  for (uint8_t spatial = 0; spatial < rates.spatial_layers(); ++spatial) {
    for (uint8_t temporal = 0; temporal < rates.temporal_layers(); ++temporal) {
      all.push_back({spatial, temporal, rates.up_to(spatial, temporal, now)});
    }
  }
  return all;
}

std::vector<PayloadType> media_payload_types(const ProducerSetup& setup) {
  std::vector<PayloadType> types;
  for (const ProducerCodec& codec : setup.codecs) {
    types.emplace_back(codec.payload_type);
  }
  if (setup.red) {
    types.emplace_back(setup.red->payload_type);
  }
  return types;
}

}  // namespace

LoopProducer::LoopProducer(const ProducerSetup& setup, RtpSession& session, Fanout& fanout)
    : setup_(setup),
      session_(session),
      fanout_(fanout),
      ingress_{.ids = setup.extension_ids,
               .kind = setup.video ? rtp::MediaKind::kVideo : rtp::MediaKind::kAudio},
      table_(stream_encodings(setup), media_payload_types(setup)),
      streams_(setup.encodings.size()),
      key_frames_(setup.key_frame_request_delay),
      report_interval_(setup.video ? rtcp::ReportInterval::kVideo : rtcp::ReportInterval::kAudio) {
  for (const ProducerCodec& codec : setup.codecs) {
    red_payload_types_.push_back({.from = codec.payload_type, .to = codec.mapped_payload_type});
  }
}

LoopProducer::PacketKind LoopProducer::on_rtp(net::PacketRef buffer, const rtp::PacketView& packet,
                                              Micros now) {
  const auto text = [&](rtp::ExtensionKind kind) {
    const uint8_t id = setup_.extension_ids.id(kind);
    return id == 0 ? std::string_view{} : rtp::read_text(packet.extension(id));
  };
  const rtp::StreamDecision decision =
      table_.resolve(packet.ssrc(), packet.payload_type(), text(rtp::ExtensionKind::kRid),
                     text(rtp::ExtensionKind::kRepairedRid), now);
  using Action = rtp::StreamDecision::Action;
  if (decision.action == Action::kDrop) {
    return PacketKind::kUnknown;
  }
  if (decision.action == Action::kRtx || decision.action == Action::kAttachRtx) {
    on_rtx(std::move(buffer), packet, decision.stream, now);
    return PacketKind::kRtx;
  }
  const bool opened = decision.is_new_media();
  if (opened) {
    open_stream(decision.stream, packet.ssrc(), now);
  }
  RecvStream& stream = *streams_[decision.stream];
  const codecs::PayloadInfo payload = parse_payload(*buffer, stream, packet);
  const RecvStream::Outcome outcome =
      stream.on_media(packet, payload.key_frame, now, session_.nack_scratch());
  finish_packet(stream, payload, outcome, now);
  if (payload.key_frame) {
    key_frame_in_hand_ = decision.stream;
  }
  if (decision.needs_key_frame(setup_.video, payload.key_frame) && !setup_.paused) {
    key_frames_.force(stream.ssrc(), now);
    send_key_frame_requests();
  }
  if (opened || outcome.score_changed) {
    report_score();
  }
  if (outcome.forward) {
    if (traces_.any()) [[unlikely]] {
      trace_packet(packet, payload, /*rtx=*/false);
    }
    if (!taps_.empty() && !setup_.paused) {
      feed_taps(packet, now);
    }
    forward(std::move(buffer), packet, decision.stream, payload, outcome.restarted, now);
  }
  key_frame_in_hand_.reset();
  return PacketKind::kMedia;
}

void LoopProducer::on_rtx(net::PacketRef buffer, const rtp::PacketView& rtx, uint16_t index,
                          Micros now) {
  RecvStream& stream = *streams_[index];
  stream.set_rtx_ssrc(rtx.ssrc());
  if (!stream.accept_rtx(rtx, now)) {
    return;
  }
  const auto packet =
      rtp::decode_rtx(rtx, buffer->data(), stream.ssrc(), PayloadType{stream.codec().payload_type});
  if (!packet) {
    return;
  }
  const codecs::PayloadInfo payload = parse_payload(*buffer, stream, *packet);
  const RecvStream::Outcome outcome =
      stream.on_recovered(*packet, payload.key_frame, now, session_.nack_scratch());
  finish_packet(stream, payload, outcome, now);
  if (outcome.forward) {
    if (traces_.any()) [[unlikely]] {
      trace_packet(*packet, payload, /*rtx=*/true);
    }
    forward(std::move(buffer), *packet, index, payload, outcome.restarted, now);
  }
}

PayloadType LoopProducer::mapped_payload_type(const rtp::PacketView& packet) const {
  if (is_red(packet)) {
    return PayloadType{setup_.red->mapped_payload_type};
  }
  const auto codec =
      std::ranges::find(setup_.codecs, packet.payload_type().value, &ProducerCodec::payload_type);
  return PayloadType{codec->mapped_payload_type};
}

codecs::PayloadInfo LoopProducer::parse_payload(net::Packet& buffer, RecvStream& stream,
                                                const rtp::PacketView& packet) const {
  Bytes payload = packet.payload();
  std::optional<codecs::RedPrimary> red;
  if (is_red(packet)) {
    const auto offset = static_cast<size_t>(payload.data() - buffer.buffer);
    red = codecs::translate_red({buffer.buffer + offset, payload.size()}, red_payload_types_);
    payload = red ? payload.subspan(red->offset) : Bytes{};
  }
  const uint8_t id = setup_.extension_ids.id(rtp::ExtensionKind::kDependencyDescriptor);
  codecs::PayloadInfo info =
      stream.parser().parse(payload, id == 0 ? Bytes{} : packet.extension(id));
  if (red) {
    info.primary_payload_type = red->payload_type;
    info.primary_offset = red->offset;
  }
  return info;
}

void LoopProducer::finish_packet(RecvStream& stream, const codecs::PayloadInfo& payload,
                                 const RecvStream::Outcome& outcome, Micros now) {
  if (payload.key_frame && outcome.forward) {
    key_frames_.received(stream.ssrc());
  }
  send_nacks(stream, now);
}

void LoopProducer::retire(Ssrc ssrc) {
  if (retired_.size() == kMaxRetired) {
    const Ssrc oldest = retired_.front();
    retired_.erase(retired_.begin());
    session_.forget_stream(oldest);
  }
  retired_.push_back(ssrc);
}

RecvStream& LoopProducer::open_stream(uint16_t index, Ssrc ssrc, Micros now) {
  if (RecvStream* const stream = streams_[index].get()) {
    key_frames_.remove(stream->ssrc());
    retire(stream->ssrc());
    if (stream->rtx_ssrc()) {
      retire(*stream->rtx_ssrc());
    }
    std::erase(retired_, ssrc);
    stream->replace(ssrc, now);
    return *stream;
  }
  const auto codec = std::ranges::find(setup_.codecs, setup_.encodings[index].payload_type,
                                       &ProducerCodec::payload_type);
  // Inactivity is only watched where another stream could take over.
  const bool watch_inactivity = setup_.video && setup_.encodings.size() > 1;
  streams_[index] = std::make_unique<RecvStream>(setup_.encodings[index], index, *codec, ssrc,
                                                 watch_inactivity, now);
  return *streams_[index];
}

void LoopProducer::forward(net::PacketRef buffer, const rtp::PacketView& packet, uint16_t stream,
                           const codecs::PayloadInfo& payload, bool restarted, Micros now) {
  if (setup_.video && !setup_.paused) {
    watch_orientation(packet);
  }
  // What layers take is known also while nobody gets them.
  if (setup_.paused || fanout_.idle()) {
    fanout_.count(static_cast<uint8_t>(stream), payload, packet.size(), now);
    return;
  }
  if (is_red(packet) && payload.primary_offset == 0) {
    return;  // malformed
  }
  const PayloadType mapped = mapped_payload_type(packet);
  const Ssrc mapped_ssrc{setup_.encodings[stream].mapped_ssrc};
  // The template takes the place of the received header and of the headroom before it; it is
  // written elsewhere first because it is made from that header.
  std::array<uint8_t, rtp::kMaxHeaderSize> bytes;
  const auto payload_offset =
      static_cast<size_t>(packet.payload().data() - static_cast<const uint8_t*>(buffer->buffer));
  const auto header =
      rtp::build_header_template(packet, ingress_, mapped, mapped_ssrc,
                                 MutableBytes(bytes).first(std::min(bytes.size(), payload_offset)));
  if (!header) {
    return;
  }
  MediaPacket media;
  media.producer = setup_.handle;
  media.arrival = now;
  media.header = *header;
  media.header_offset = static_cast<uint16_t>(payload_offset - header->size);
  media.payload_offset = static_cast<uint16_t>(payload_offset);
  media.payload_size = static_cast<uint16_t>(packet.payload().size());
  media.sequence_number = packet.sequence_number();
  media.timestamp = packet.timestamp();
  media.payload_type = mapped;
  media.stream = static_cast<uint8_t>(stream);
  media.source = streams_[stream]->source();
  media.marker = packet.marker();
  media.restarted = restarted;
  media.payload = payload;
  std::copy_n(bytes.begin(), header->size, buffer->buffer + media.header_offset);
  buffer->emplace_meta<MediaPacket>(media);
  fanout_.distribute(buffer.detach(), now);
}

void LoopProducer::trace_packet(const rtp::PacketView& packet, const codecs::PayloadInfo& payload,
                                bool rtx) {
  const auto type = packet_trace(traces_, payload.key_frame);
  if (!type || setup_.paused) {
    return;
  }
  const auto extension = [&](rtp::ExtensionKind kind) {
    const uint8_t id = setup_.extension_ids.id(kind);
    return id == 0 ? Bytes{} : packet.extension(id);
  };
  const auto text = [&](rtp::ExtensionKind kind) {
    return std::string(rtp::read_text(extension(kind)));
  };
  trace(*type, TracedPacket{.payload_type = packet.payload_type(),
                            .sequence_number = packet.sequence_number(),
                            .timestamp = packet.timestamp(),
                            .ssrc = packet.ssrc(),
                            .marker = packet.marker(),
                            .key_frame = payload.key_frame,
                            .rtx = rtx,
                            .size = packet.size(),
                            .payload_size = packet.payload().size(),
                            .spatial_layer = payload.spatial_layer,
                            .temporal_layer = payload.temporal_layer,
                            .mid = text(rtp::ExtensionKind::kMid),
                            .rid = text(rtp::ExtensionKind::kRid),
                            .repaired_rid = text(rtp::ExtensionKind::kRepairedRid),
                            .wide_sequence_number = rtp::read_transport_wide_cc(
                                extension(rtp::ExtensionKind::kTransportWideCc))});
}

void LoopProducer::trace(TraceType type, TraceInfo info) {
  if (!traces_.has(type)) {
    return;
  }
  // What the producer asks its sender for goes out; everything else came in.
  const bool request =
      type == TraceType::kNack || type == TraceType::kPli || type == TraceType::kFir;
  MediaLoop& loop = session_.loop();
  loop.emit(setup_.handle, ProducerEvent{TraceEvent{type, loop.now(), !request, std::move(info)}});
}

void LoopProducer::watch_orientation(const rtp::PacketView& packet) {
  const uint8_t id = setup_.extension_ids.id(rtp::ExtensionKind::kVideoOrientation);
  if (id == 0) {
    return;
  }
  const auto value = rtp::read_video_orientation(packet.extension(id));
  if (!value) {
    return;
  }
  const VideoOrientation orientation{
      .camera_back = value->back_camera, .flip = value->flip, .rotation = value->rotation};
  if (orientation_ != orientation) {
    orientation_ = orientation;
    session_.loop().emit(setup_.handle, ProducerEvent{VideoOrientationChanged{orientation}});
  }
}

void LoopProducer::feed_taps(const rtp::PacketView& packet, Micros now) {
  const uint8_t id = setup_.extension_ids.id(rtp::ExtensionKind::kAudioLevel);
  if (id == 0) {
    return;
  }
  if (const auto value = rtp::read_audio_level(packet.extension(id))) {
    taps_.on_level(value->level, now);
  }
}

std::optional<AudioSample> LoopProducer::take_sample(Handle observer, Micros now) {
  std::optional<AudioSample> sample = taps_.take(observer, now);
  if (sample) {
    sample->producer = setup_.handle;
    sample->paused = setup_.paused;
  }
  return sample;
}

void LoopProducer::set_paused(bool paused, Micros now) {
  if (setup_.paused == paused) {
    return;
  }
  setup_.paused = paused;
  if (paused) {
    taps_.on_pause();
  }
  for (const auto& stream : streams_) {
    if (!stream) {
      continue;
    }
    if (paused) {
      stream->on_pause();
    } else if (setup_.video) {
      key_frames_.force(stream->ssrc(), now);
    }
  }
  send_key_frame_requests();
}

RecvStream* LoopProducer::find_stream(Ssrc ssrc) const {
  for (const auto& stream : streams_) {
    if (stream && (stream->ssrc() == ssrc || stream->rtx_ssrc() == ssrc)) {
      return stream.get();
    }
  }
  return nullptr;
}

void LoopProducer::report_score() {
  ProducerScoreChanged event;
  std::vector<StreamUpdate> updates;
  for (const auto& stream : streams_) {
    if (stream) {
      event.score.push_back(stream->producer_score());
      updates.push_back(stream->update());
    }
  }
  if (setup_.video) {
    session_.loop().publish_streams(fanout_, std::move(updates));
  }
  session_.loop().emit(setup_.handle, ProducerEvent{std::move(event)});
}

std::vector<RtpStreamStats> LoopProducer::stats(Micros now) const {
  std::vector<RtpStreamStats> all;
  for (size_t index = 0; index < streams_.size(); ++index) {
    if (streams_[index]) {
      RtpStreamStats& stats = all.emplace_back(streams_[index]->stats(now));
      stats.kind = setup_.video ? "video" : "audio";
      stats.bitrate_by_layer = layer_bitrates(fanout_.streams()[index].rates, now);
    }
  }
  return all;
}

std::vector<RtpStreamDump> LoopProducer::dump() const {
  std::vector<RtpStreamDump> all;
  for (const auto& stream : streams_) {
    if (stream) {
      all.push_back(stream->dump());
      all.back().cname = setup_.cname;
    }
  }
  return all;
}

bool LoopProducer::has_stream(Ssrc ssrc) const {
  return find_stream(ssrc) != nullptr || std::ranges::find(retired_, ssrc) != retired_.end();
}

std::vector<Ssrc> LoopProducer::received_ssrcs() const {
  std::vector<Ssrc> ssrcs = retired_;
  for (const auto& stream : streams_) {
    if (stream) {
      ssrcs.push_back(stream->ssrc());
      if (stream->rtx_ssrc()) {
        ssrcs.push_back(*stream->rtx_ssrc());
      }
    }
  }
  return ssrcs;
}

}  // namespace sluice::media
