#include "support/media_source.h"

#include <algorithm>

#include "protocol/rtcp/compound_builder.h"
#include "protocol/rtcp/compound_parser.h"
#include "protocol/rtcp/rate_feedback.h"
#include "protocol/rtp/extension_values.h"

namespace sluice::test {
namespace {

constexpr Micros kReportInterval = 1s;
/// As many packets as a browser keeps.
constexpr size_t kKept = 1000;
constexpr size_t kKeyPicture = 3;

}  // namespace

MediaSource::MediaSource(const SourceSettings& settings, TestPeer& peer,
                         uint16_t& transport_sequence)
    : settings_(settings),
      peer_(peer),
      transport_sequence_(transport_sequence),
      next_sequence_(settings.first_sequence) {}

void MediaSource::step(Micros now) {
  if (stopped_) {
    return;
  }
  if (started_ == Micros{0}) {
    started_ = next_frame_ = now;
    next_report_ = now + kReportInterval / 2;
  }
  for (; next_frame_ <= now; next_frame_ += settings_.frame_interval) {
    send_frame(now);
  }
  if (next_report_ <= now) {
    next_report_ = now + kReportInterval;
    send_report(now);
  }
}

void MediaSource::send_frame(Micros now) {
  const bool key_frame = settings_.video && key_frame_wanted_;
  key_frame_wanted_ = false;
  ++picture_;
  const std::vector<size_t>& layers = settings_.spatial_layers;
  if (layers.empty()) {
    send_layer({.key_frame = key_frame,
                .size = key_frame ? settings_.key_frame_size : settings_.frame_size},
               now);
    return;
  }
  for (size_t spatial = 0; spatial < layers.size(); ++spatial) {
    send_layer({.key_frame = key_frame,
                .spatial = static_cast<uint8_t>(spatial),
                .highest = spatial + 1 == layers.size(),
                .size = layers[spatial] * (key_frame ? kKeyPicture : 1)},
               now);
  }
}

void MediaSource::send_layer(const Layer& layer, Micros now) {
  RtpFields fields;
  fields.ssrc = settings_.ssrc;
  fields.payload_type = settings_.payload_type;
  fields.timestamp =
      static_cast<uint32_t>((next_frame_ - started_).count() * settings_.clock_rate / 1'000'000);
  for (size_t left = layer.size; left > 0;) {
    const size_t part = std::min(left, settings_.packet_size);
    fields.payload = make_payload(layer, left == layer.size, left == part, part);
    left -= part;
    fields.marker = settings_.video && layer.highest && left == 0;
    send_packet(fields, now);
  }
}

Buffer MediaSource::make_payload(const Layer& layer, bool first, bool last, size_t size) const {
  Buffer payload(std::max(size, kNumberOffset + 4), 0x55);
  write_descriptor(layer, first, last, payload);
  store_be32(&payload[kNumberOffset], static_cast<uint32_t>(sent_.size()));
  return payload;
}

void MediaSource::write_descriptor(const Layer& layer, bool first, bool last,
                                   Buffer& payload) const {
  if (!settings_.video) {
    payload[0] = 0x78;  // Opus: 20 ms, one frame
    return;
  }
  if (settings_.spatial_layers.empty()) {
    payload[0] = first ? 0x10 : 0x00;
    payload[1] = layer.key_frame ? 0x00 : 0x01;
    return;
  }
  // VP9, not flexible: I, P, L, B and E; a picture id of 7 bits; the layer, with D; TL0PICIDX.
  const bool depends = layer.spatial > 0 && (layer.key_frame || !settings_.key_frame_svc);
  payload[0] = static_cast<uint8_t>(0xa0 | (layer.key_frame ? 0 : 0x40) | (first ? 0x08 : 0) |
                                    (last ? 0x04 : 0));
  payload[1] = picture_ & 0x7f;
  payload[2] = static_cast<uint8_t>(layer.spatial << 1 | (depends ? 1 : 0));
  payload[3] = picture_;
}

void MediaSource::send_packet(RtpFields fields, Micros now) {
  fields.sequence_number = next_sequence_++;
  octets_ += fields.payload.size();
  sent_.push_back(now);
  Kept kept{.fields = fields, .protected_bytes = {}};
  add_extensions(fields, now);
  Buffer bytes = peer_.protect_rtp(make_rtp(fields));
  if (settings_.rtx_ssrc == 0) {
    kept.protected_bytes = bytes;
  }
  peer_.send_protected(std::move(bytes));
  kept_.push_back(std::move(kept));
  if (kept_.size() > kKept) {
    kept_.pop_front();
  }
}

void MediaSource::add_extensions(RtpFields& fields, Micros now) {
  if (settings_.transport_cc_id != 0) {
    Buffer value(2);
    store_be16(value.data(), transport_sequence_++);
    fields.extensions.emplace_back(settings_.transport_cc_id, std::move(value));
  }
  if (settings_.abs_send_time_id != 0) {
    Buffer value(3);
    store_be24(value.data(), rtp::to_abs_send_time(now));
    fields.extensions.emplace_back(settings_.abs_send_time_id, std::move(value));
  }
}

void MediaSource::resend(SeqNum sequence, Micros now) {
  ++counters_.nacked;
  const auto found = std::ranges::find(
      kept_, sequence.value, [](const Kept& kept) { return kept.fields.sequence_number; });
  if (found == kept_.end()) {
    return;
  }
  ++counters_.retransmitted;
  if (settings_.rtx_ssrc == 0) {
    peer_.send_protected(found->protected_bytes);
    return;
  }
  RtpFields rtx = found->fields;
  rtx.ssrc = settings_.rtx_ssrc;
  rtx.payload_type = settings_.rtx_payload_type;
  rtx.sequence_number = next_rtx_sequence_++;
  rtx.payload.insert(rtx.payload.begin(), {static_cast<uint8_t>(sequence.value >> 8),
                                           static_cast<uint8_t>(sequence.value)});
  add_extensions(rtx, now);
  peer_.send_rtp(rtx);
}

void MediaSource::on_remb(BitRate rate) {
  remb_ = rate;
  if (settings_.remb_ceiling.value > 0) {
    const uint64_t target = std::min(rate, settings_.remb_ceiling).value * 9 / 10;
    settings_.frame_size = static_cast<size_t>(
        target / 8 * static_cast<uint64_t>(settings_.frame_interval.count()) / 1'000'000);
  }
}

void MediaSource::on_rtcp(Bytes compound, Micros now) {
  const auto want_key_frame = [this](Ssrc ssrc) {
    if (ssrc.value == settings_.ssrc) {
      ++counters_.key_frame_requests;
      key_frame_wanted_ = true;
    }
  };
  rtcp::parse_compound(
      compound, rtcp::Overloaded{
                    [&](const rtcp::Nack& nack) {
                      if (nack.header.media.value == settings_.ssrc) {
                        nack.for_each([&](SeqNum sequence) { resend(sequence, now); });
                      }
                    },
                    [&](const rtcp::Pli& pli) { want_key_frame(pli.header.media); },
                    [&](const rtcp::Remb& remb) { on_remb(remb.bitrate); },
                    [&](const rtcp::Fir& fir) {
                      for (const auto item : fir.items) {
                        want_key_frame(item.ssrc);
                      }
                    },
                    [&](const rtcp::ReceiverReport& report) {
                      for (const rtcp::ReportBlock block : report.blocks) {
                        if (block.ssrc.value == settings_.ssrc) {
                          fraction_lost_ = block.fraction_lost;
                        }
                      }
                    },
                    [&](const rtcp::ExtendedReport& report) {
                      if (const auto reference = report.reference_time()) {
                        references_.push_back({report.sender().value, reference->compact(), now});
                      }
                    },
                });
}

void MediaSource::send_report(Micros now) {
  if (sent_.empty()) {
    return;
  }
  const rtcp::NtpClock clock(1'700'000'000s, 0s);
  const Ssrc ssrc{settings_.ssrc};
  const rtcp::SenderInfo info{.ntp = clock.at(now),
                              .rtp = Timestamp{static_cast<uint32_t>(
                                  (now - started_).count() * settings_.clock_rate / 1'000'000)},
                              .packets = static_cast<uint32_t>(sent_.size()),
                              .octets = static_cast<uint32_t>(octets_)};
  Buffer buffer(rtcp::kRtcpBudget);
  ByteWriter writer(buffer);
  rtcp::write_sender_report(writer, ssrc, info);
  std::vector<rtcp::DlrrItem> answers;
  for (const Reference& reference : references_) {
    answers.push_back(
        {Ssrc{reference.ssrc}, reference.compact, rtcp::to_compact(now - reference.at)});
  }
  references_.clear();
  if (!answers.empty()) {
    rtcp::write_extended_report(writer, ssrc, std::nullopt, answers);
  }
  peer_.send_rtcp(writer.written());
}

}  // namespace sluice::test
