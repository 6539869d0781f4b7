#include "protocol/rtp/extension_values.h"

#include <algorithm>

namespace sluice::rtp {
namespace {

constexpr uint32_t kMask24 = 0xffffff;
constexpr int64_t kPlayoutDelayStep = 10;
constexpr int64_t kPlayoutDelayMaxSteps = 0xfff;

}  // namespace

std::optional<uint32_t> read_abs_send_time(Bytes value) {
  return value.size() == 3 ? std::optional(load_be24(value.data())) : std::nullopt;
}

uint32_t to_abs_send_time(Micros time) {
  // Unsigned, so that a clock before its epoch or far beyond it only wraps.
  const uint64_t us = static_cast<uint64_t>(time.count());
  const uint64_t seconds = us / 1'000'000;
  const uint64_t fraction = (((us % 1'000'000) << 18) + 500'000) / 1'000'000;
  return static_cast<uint32_t>((seconds << 18) + fraction) & kMask24;
}

bool write_abs_send_time(MutableBytes value, uint32_t time) {
  if (value.size() != 3) {
    return false;
  }
  store_be24(value.data(), time & kMask24);
  return true;
}

std::optional<uint16_t> read_transport_wide_cc(Bytes value) {
  return value.size() == 2 ? std::optional(load_be16(value.data())) : std::nullopt;
}

bool write_transport_wide_cc(MutableBytes value, uint16_t sequence) {
  if (value.size() != 2) {
    return false;
  }
  store_be16(value.data(), sequence);
  return true;
}

std::optional<AudioLevel> read_audio_level(Bytes value) {
  if (value.size() != 1) {
    return std::nullopt;
  }
  return AudioLevel{.voice = (value[0] & 0x80) != 0,
                    .level = static_cast<uint8_t>(value[0] & 0x7f)};
}

bool write_audio_level(MutableBytes value, AudioLevel level) {
  if (value.size() != 1) {
    return false;
  }
  value[0] = static_cast<uint8_t>((level.voice ? 0x80 : 0) | (level.level & 0x7f));
  return true;
}

std::optional<VideoOrientation> read_video_orientation(Bytes value) {
  if (value.size() != 1) {
    return std::nullopt;
  }
  return VideoOrientation{.back_camera = (value[0] & 0x08) != 0,
                          .flip = (value[0] & 0x04) != 0,
                          .rotation = static_cast<uint16_t>((value[0] & 0x03) * 90)};
}

bool write_video_orientation(MutableBytes value, VideoOrientation orientation) {
  if (value.size() != 1) {
    return false;
  }
  value[0] =
      static_cast<uint8_t>((orientation.back_camera ? 0x08 : 0) | (orientation.flip ? 0x04 : 0) |
                           (orientation.rotation / 90 & 0x03));
  return true;
}

std::optional<int32_t> read_timestamp_offset(Bytes value) {
  if (value.size() != 3) {
    return std::nullopt;
  }
  // Sign extension: bring the 24-bit sign to the top, then shift arithmetically.
  return static_cast<int32_t>(load_be24(value.data()) << 8) >> 8;
}

bool write_timestamp_offset(MutableBytes value, int32_t offset) {
  if (value.size() != 3) {
    return false;
  }
  store_be24(value.data(), static_cast<uint32_t>(offset) & kMask24);
  return true;
}

std::optional<AbsCaptureTime> read_abs_capture_time(Bytes value) {
  if (value.size() != 8 && value.size() != 16) {
    return std::nullopt;
  }
  AbsCaptureTime time{.ntp = load_be64(value.data()), .clock_offset = std::nullopt};
  if (value.size() == 16) {
    time.clock_offset = static_cast<int64_t>(load_be64(value.data() + 8));
  }
  return time;
}

bool write_abs_capture_time(MutableBytes value, const AbsCaptureTime& time) {
  if (value.size() != (time.clock_offset ? 16U : 8U)) {
    return false;
  }
  store_be64(value.data(), time.ntp);
  if (time.clock_offset) {
    store_be64(value.data() + 8, static_cast<uint64_t>(*time.clock_offset));
  }
  return true;
}

std::optional<PlayoutDelay> read_playout_delay(Bytes value) {
  if (value.size() != 3) {
    return std::nullopt;
  }
  const uint32_t both = load_be24(value.data());
  return PlayoutDelay{.min = Millis(kPlayoutDelayStep * (both >> 12)),
                      .max = Millis(kPlayoutDelayStep * (both & 0xfff))};
}

bool write_playout_delay(MutableBytes value, PlayoutDelay delay) {
  if (value.size() != 3) {
    return false;
  }
  const auto steps = [](Millis time) {
    return static_cast<uint32_t>(
        std::clamp<int64_t>(time.count() / kPlayoutDelayStep, 0, kPlayoutDelayMaxSteps));
  };
  store_be24(value.data(), steps(delay.min) << 12 | steps(delay.max));
  return true;
}

std::optional<FrameMarking> read_frame_marking(Bytes value) {
  if (value.empty()) {
    return std::nullopt;
  }
  FrameMarking marking;
  marking.start_of_frame = (value[0] & 0x80) != 0;
  marking.end_of_frame = (value[0] & 0x40) != 0;
  marking.independent = (value[0] & 0x20) != 0;
  marking.discardable = (value[0] & 0x10) != 0;
  marking.base_layer_sync = (value[0] & 0x08) != 0;
  marking.temporal_layer = value[0] & 0x07;
  if (value.size() >= 2) {
    marking.layer_id = value[1];
  }
  if (value.size() >= 3) {
    marking.tl0_picture_index = value[2];
  }
  return marking;
}

}  // namespace sluice::rtp
