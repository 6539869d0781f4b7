#include "protocol/rtp/stream_table.h"

#include <algorithm>

namespace sluice::rtp {
namespace {

using Action = StreamDecision::Action;
using Reason = StreamDecision::Reason;

StreamDecision accept(Action action, size_t stream) {
  return {.action = action, .reason = Reason::kNone, .stream = static_cast<uint16_t>(stream)};
}

StreamDecision drop(Reason reason) {
  return {.action = Action::kDrop, .reason = reason};
}

}  // namespace

StreamTable::StreamTable(std::vector<StreamEncoding> encodings,
                         const std::vector<PayloadType>& payload_types)
    : encodings_(std::move(encodings)), streams_(encodings_.size()) {
  for (const PayloadType type : payload_types) {
    payload_types_[type.value / 64 % 2] |= uint64_t{1} << (type.value % 64);
  }
}

bool StreamTable::is_media_payload_type(PayloadType payload_type) const {
  return (payload_types_[payload_type.value / 64 % 2] >> (payload_type.value % 64) & 1) != 0;
}

StreamDecision StreamTable::resolve(Ssrc ssrc, PayloadType payload_type, std::string_view rid,
                                    std::string_view repaired_rid, Micros now) {
  if (const auto known = resolve_known(ssrc, payload_type, now)) {
    return *known;
  }
  if (const auto signalled = resolve_signalled(ssrc, payload_type, now)) {
    return *signalled;
  }
  const std::string_view id = rid.empty() ? repaired_rid : rid;
  if (!id.empty()) {
    const auto found = std::ranges::find(encodings_, id, &StreamEncoding::rid);
    if (found == encodings_.end()) {
      return drop(Reason::kUnknownRid);
    }
    return resolve_encoding(static_cast<size_t>(found - encodings_.begin()), ssrc, payload_type,
                            now);
  }
  if (encodings_.size() == 1 && !encodings_[0].ssrc && encodings_[0].rid.empty()) {
    return resolve_encoding(0, ssrc, payload_type, now);
  }
  return drop(Reason::kUnknownSsrc);
}

/// Rules 1 and 2: SSRCs seen before.
std::optional<StreamDecision> StreamTable::resolve_known(Ssrc ssrc, PayloadType payload_type,
                                                         Micros now) {
  for (size_t i = 0; i < streams_.size(); ++i) {
    if (streams_[i].ssrc == ssrc) {
      if (!is_media_payload_type(payload_type)) {
        return drop(Reason::kUnknownPayloadType);
      }
      streams_[i].last_media = now;
      streams_[i].ended = false;
      return accept(Action::kMedia, i);
    }
  }
  for (size_t i = 0; i < streams_.size(); ++i) {
    if (streams_[i].rtx_ssrc == ssrc) {
      return payload_type == encodings_[i].rtx_payload_type ? accept(Action::kRtx, i)
                                                            : drop(Reason::kUnknownPayloadType);
    }
  }
  return std::nullopt;
}

/// Rule 3: SSRCs announced by an encoding.
std::optional<StreamDecision> StreamTable::resolve_signalled(Ssrc ssrc, PayloadType payload_type,
                                                             Micros now) {
  for (size_t i = 0; i < encodings_.size(); ++i) {
    if (encodings_[i].ssrc == ssrc && encodings_[i].is_media(payload_type)) {
      return create_media(i, ssrc, now);
    }
    if (encodings_[i].rtx_ssrc == ssrc && payload_type == encodings_[i].rtx_payload_type) {
      return attach_rtx(i, ssrc);
    }
  }
  return std::nullopt;
}

/// Rules 4 and 5, once the encoding is known.
StreamDecision StreamTable::resolve_encoding(size_t stream, Ssrc ssrc, PayloadType payload_type,
                                             Micros now) {
  if (encodings_[stream].is_media(payload_type)) {
    return create_media(stream, ssrc, now);
  }
  if (payload_type == encodings_[stream].rtx_payload_type) {
    return attach_rtx(stream, ssrc);
  }
  return drop(Reason::kUnknownPayloadType);
}

StreamDecision StreamTable::create_media(size_t stream, Ssrc ssrc, Micros now) {
  Stream& state = streams_[stream];
  const bool exists = state.ssrc.has_value();
  if (exists && !state.ended && now - state.last_media < kReplaceAfter) {
    return drop(Reason::kSsrcChanged);
  }
  // The RTX stream of a replaced SSRC ends with it.
  state = {.ssrc = ssrc, .rtx_ssrc = std::nullopt, .last_media = now, .ended = false};
  return accept(exists ? Action::kReplaceMedia : Action::kCreateMedia, stream);
}

StreamDecision StreamTable::attach_rtx(size_t stream, Ssrc ssrc) {
  Stream& state = streams_[stream];
  if (!state.ssrc) {
    return drop(Reason::kRtxWithoutMedia);
  }
  if (state.rtx_ssrc) {
    return drop(Reason::kRtxSsrcChanged);
  }
  state.rtx_ssrc = ssrc;
  return accept(Action::kAttachRtx, stream);
}

void StreamTable::on_bye(Ssrc ssrc) {
  for (Stream& stream : streams_) {
    if (stream.ssrc == ssrc) {
      stream.ended = true;
    }
  }
}

}  // namespace sluice::rtp
