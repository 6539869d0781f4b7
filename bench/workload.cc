#include "workload.h"

#include <array>

namespace sluice::bench {
namespace {

// Temporal layers of successive pictures, and whether one may begin to decode that layer there.
constexpr std::array<uint8_t, 4> kTemporalPattern = {0, 2, 1, 2};
constexpr std::array<bool, 4> kSwitchingUp = {false, true, true, false};

constexpr unsigned kFramesPerSecond = 30;
constexpr unsigned kSoundsPerSecond = 50;

// VP8 payload descriptor with a picture id of 15 bits, TL0PICIDX and TID (RFC 7741).
constexpr uint8_t kVp8Extended = 0x80;
constexpr uint8_t kVp8Start = 0x10;
constexpr uint8_t kVp8HasIds = 0xe0;
constexpr uint8_t kVp8LayerSync = 0x20;
constexpr uint8_t kLongPictureId = 0x80;
// VP9 payload descriptor, not flexible, with layer indices (RFC 9628).
constexpr uint8_t kVp9HasIdAndLayers = 0xa0;
constexpr uint8_t kVp9Predicted = 0x40;
constexpr uint8_t kVp9Begins = 0x08;
constexpr uint8_t kVp9Ends = 0x04;
constexpr uint8_t kVp9SwitchingUp = 0x10;
// Opus: 20 ms of wideband speech in one frame (RFC 6716 section 3.1).
constexpr uint8_t kOpusToc = 0x78;
constexpr uint8_t kSpeech = 0x80 | 40;  ///< voice at -40 dBov (RFC 6464)
/// Variable bit rate: packets of equal size, which could leave as one message, are rare.
constexpr int kSpeechSpread = 20;

test::Buffer be16(uint16_t value) {
  return {static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
}

}  // namespace

codecs::Codec Workload::codec() const {
  switch (kind) {
    case Kind::kVideo:
    case Kind::kSimulcast:
      return codecs::Codec::kVp8;
    case Kind::kSvc:
      return codecs::Codec::kVp9;
    case Kind::kAudio:
      break;
  }
  return codecs::Codec::kOpus;
}

codecs::Layers Workload::target_layers(size_t receiver) const {
  return {.spatial = static_cast<int8_t>(receiver % layers.size()),
          .temporal = static_cast<int8_t>(receiver / layers.size() % temporal_layers)};
}

std::vector<Workload> workloads() {
  return {
      {.kind = Kind::kVideo,
       .name = "video",
       .description = "VP8, pictures of 5 packets of 1200 bytes",
       .target = 1.5,
       .layers = {{.packets = 5, .size = 1200}}},
      {.kind = Kind::kSimulcast,
       .name = "simulcast",
       .description = "VP8, 3 streams of 150, 700 and 2000 kbit/s with 3 temporal layers each",
       .target = 1.6,
       .layers = {{.packets = 1, .size = 625},
                  {.packets = 3, .size = 970},
                  {.packets = 8, .size = 1040}},
       .temporal_layers = 3},
      {.kind = Kind::kSvc,
       .name = "svc",
       .description = "VP9, L3T3_KEY, layers of 150, 500 and 1350 kbit/s",
       .target = 1.6,
       .layers = {{.packets = 1, .size = 625},
                  {.packets = 2, .size = 1040},
                  {.packets = 5, .size = 1125}},
       .temporal_layers = 3},
      {.kind = Kind::kAudio,
       .name = "audio",
       .description =
           "Opus at about 32 kbit/s, packets of varying size, all in one turn of the loop",
       .target = 1.6,
       .senders = 10,
       .layers = {{.packets = 1, .size = 104}}},
  };
}

bool gets(const Workload& workload, codecs::Layers target, const Train& train) {
  switch (workload.kind) {
    case Kind::kVideo:
    case Kind::kAudio:
      return true;
    case Kind::kSimulcast:
      return train.layers.spatial == target.spatial && train.layers.temporal <= target.temporal;
    case Kind::kSvc:
      break;
  }
  // Spatial layers meet at key frames only.
  const bool needed = train.key_frame ? train.layers.spatial <= target.spatial
                                      : train.layers.spatial == target.spatial;
  return needed && train.layers.temporal <= target.temporal;
}

Source::Source(const Workload& workload)
    : workload_(workload), streams_(workload.streams()), transport_sequences_(workload.senders, 1) {
  if (workload.kind == Kind::kAudio) {
    for (size_t stream = 0; stream < streams_.size(); ++stream) {
      streams_[stream].sender = static_cast<unsigned>(stream);
    }
  }
}

const std::vector<Train>& Source::next_tick(bool key_frame) {
  key_frame = workload_.video() && (key_frame || !started_);
  started_ = true;
  if (key_frame) {
    position_ = 0;
  }
  const uint8_t temporal = workload_.temporal_layers > 1 ? kTemporalPattern[position_] : uint8_t{0};
  ++picture_id_;
  tl0_ = static_cast<uint8_t>(tl0_ + (temporal == 0 ? 1 : 0));
  trains_.clear();
  if (workload_.kind == Kind::kAudio) {
    for (size_t stream = 0; stream < streams_.size(); ++stream) {
      trains_.push_back(make_train(stream, 0, false));
    }
  } else {
    for (size_t layer = 0; layer < workload_.layers.size(); ++layer) {
      const size_t stream = workload_.kind == Kind::kSimulcast ? layer : 0;
      trains_.push_back(make_train(stream, static_cast<int8_t>(layer), key_frame));
    }
  }
  timestamp_ += workload_.clock_rate() / (workload_.video() ? kFramesPerSecond : kSoundsPerSecond);
  position_ = static_cast<uint8_t>((position_ + 1) % kTemporalPattern.size());
  return trains_;
}

Train Source::make_train(size_t stream, int8_t spatial, bool key_frame) {
  Stream& state = streams_[stream];
  const auto layer = static_cast<size_t>(spatial);
  const LayerShape& shape = workload_.layers[layer];
  Train train{.sender = state.sender,
              .stream = stream,
              .layers = {.spatial = spatial, .temporal = 0},
              .key_frame = key_frame,
              .payload_size = 0,
              .packets = {}};
  if (workload_.temporal_layers > 1) {
    train.layers.temporal = static_cast<int8_t>(kTemporalPattern[position_]);
  }
  // With SVC a picture ends with its highest layer.
  const bool last_layer = workload_.kind != Kind::kSvc || layer + 1 == workload_.layers.size();
  for (unsigned i = 0; i < shape.packets; ++i) {
    const bool ends = i + 1 == shape.packets;
    test::RtpFields fields;
    fields.ssrc = ssrc_of_stream(stream);
    fields.sequence_number = state.sequence++;
    fields.timestamp = timestamp_;
    fields.payload_type = kPayloadType;
    fields.marker = workload_.video() && ends && last_layer;
    fields.extensions = {{kTransportCcId, be16(transport_sequences_[state.sender]++)}};
    if (!workload_.video()) {
      fields.extensions.emplace_back(kAudioLevelId, test::Buffer{kSpeech});
    }
    const size_t header_size = test::make_rtp(fields).size();
    train.payload_size = static_cast<size_t>(static_cast<int>(shape.size - header_size) + vary());
    fields.payload.assign(train.payload_size, 0x5a);
    write_descriptor(train, i == 0, ends, fields.payload.data());
    train.packets.push_back(test::make_rtp(fields));
  }
  return train;
}

int Source::vary() {
  return workload_.video() ? 0
                           : static_cast<int>(speech_() % (2 * kSpeechSpread + 1)) - kSpeechSpread;
}

void Source::write_descriptor(const Train& train, bool begins, bool ends, uint8_t* payload) const {
  const auto temporal = static_cast<uint8_t>(train.layers.temporal);
  const auto spatial = static_cast<uint8_t>(train.layers.spatial);
  const bool switching_up = kSwitchingUp[position_];
  const auto id_high = static_cast<uint8_t>(kLongPictureId | picture_id_ >> 8);
  const auto id_low = static_cast<uint8_t>(picture_id_);
  switch (workload_.codec()) {
    case codecs::Codec::kVp8:
      payload[0] = kVp8Extended | (begins ? kVp8Start : 0);
      payload[1] = kVp8HasIds;
      payload[2] = id_high;
      payload[3] = id_low;
      payload[4] = tl0_;
      payload[5] = static_cast<uint8_t>(temporal << 6 | (switching_up ? kVp8LayerSync : 0));
      payload[6] = train.key_frame ? 0 : 1;  // P of the frame header
      break;
    case codecs::Codec::kVp9:
      payload[0] = static_cast<uint8_t>(kVp9HasIdAndLayers | (train.key_frame ? 0 : kVp9Predicted) |
                                        (begins ? kVp9Begins : 0) | (ends ? kVp9Ends : 0));
      payload[1] = id_high;
      payload[2] = id_low;
      payload[3] = static_cast<uint8_t>(temporal << 5 | (switching_up ? kVp9SwitchingUp : 0) |
                                        spatial << 1 | (train.key_frame && spatial > 0 ? 1 : 0));
      payload[4] = tl0_;
      break;
    default:
      payload[0] = kOpusToc;
  }
}

}  // namespace sluice::bench
