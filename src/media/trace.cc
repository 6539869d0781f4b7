#include "media/trace.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>

namespace sluice::media {
namespace {
namespace json = boost::json;

constexpr std::array<std::string_view, 8> kNames = {"rtp", "keyframe", "nack",      "pli",
                                                    "fir", "sr",       "probation", "bwe"};

json::object info_of(std::monostate) {
  return {};
}

json::object info_of(const TracedPacket& packet) {
  json::object out{
      {"payloadType", packet.payload_type.value},
      {"sequenceNumber", packet.sequence_number.value},
      {"timestamp", packet.timestamp.value},
      {"marker", packet.marker},
      {"ssrc", packet.ssrc.value},
      {"isKeyFrame", packet.key_frame},
      {"size", packet.size},
      {"payloadSize", packet.payload_size},
      {"spatialLayer", packet.spatial_layer},
      {"temporalLayer", packet.temporal_layer},
  };
  const auto add_text = [&out](const char* name, const std::string& text) {
    if (!text.empty()) {
      out[name] = text;
    }
  };
  add_text("mid", packet.mid);
  add_text("rid", packet.rid);
  add_text("rrid", packet.repaired_rid);
  if (packet.wide_sequence_number) {
    out["wideSequenceNumber"] = *packet.wide_sequence_number;
  }
  return {{"rtpPacket", std::move(out)}, {"isRtx", packet.rtx}};
}

json::object info_of(const TracedKeyFrameRequest& request) {
  return {{"ssrc", request.ssrc.value}};
}

json::object info_of(const TracedSenderReport& report) {
  return {{"ssrc", report.ssrc.value},           {"ntpSec", report.info.ntp.seconds},
          {"ntpFrac", report.info.ntp.fraction}, {"rtpTs", report.info.rtp.value},
          {"packetCount", report.info.packets},  {"octetCount", report.info.octets}};
}

json::object info_of(const TracedBandwidth& bandwidth) {
  const bool remb = bandwidth.feedback == bwe::RateFeedback::kRemb;
  return {{"desiredBitrate", bandwidth.desired.value},
          {"effectiveDesiredBitrate", bandwidth.effective_desired.value},
          {"minBitrate", bandwidth.min.value},
          {"maxBitrate", bandwidth.max.value},
          {"startBitrate", bandwidth.start.value},
          {"maxPaddingBitrate", bandwidth.max_padding.value},
          {"availableBitrate", bandwidth.available.value},
          {"bweType", remb ? "remb" : "transport-cc"}};
}

}  // namespace

std::string_view to_text(TraceType type) {
  return kNames[static_cast<size_t>(type)];
}

TraceSet TraceSet::of_names(std::span<const std::string> names, TraceSet possible) {
  TraceSet set;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(kNames, name);
    if (found == kNames.end()) {
      continue;
    }
    const auto type = static_cast<TraceType>(found - kNames.begin());
    if (possible.has(type)) {
      set.bits_ |= bit(type);
    }
  }
  return set;
}

std::vector<std::string_view> TraceSet::names() const {
  std::vector<std::string_view> names;
  for (size_t type = 0; type < kNames.size(); ++type) {
    if (has(static_cast<TraceType>(type))) {
      names.push_back(kNames[type]);
    }
  }
  return names;
}

json::object to_json(const TraceEvent& event) {
  return {{"type", to_text(event.type)},
          {"timestamp", event.at / 1ms},
          {"direction", event.incoming ? "in" : "out"},
          {"info", std::visit([](const auto& info) { return info_of(info); }, event.info)}};
}

}  // namespace sluice::media
