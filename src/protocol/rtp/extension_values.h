// Values of the known header extensions (media-plane 5.5). A reader takes the value that
// PacketView::extension returned and gives nothing when the length is not the extension's, so an
// absent element (an empty span) needs no check of its own. A writer changes a value in place and
// does nothing when the place has another length.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/types.h"

namespace sluice::rtp {

/// MID, RID or repaired RID: text of 1..255 bytes compared as bytes. Empty for absent.
inline std::string_view read_text(Bytes value) {
  return as_text(value);
}

/// 24-bit send time, seconds in 6.18 fixed point, wrapping every 64 s.
std::optional<uint32_t> read_abs_send_time(Bytes value);
/// The 6.18 representation of a clock reading, rounded, modulo 2^24.
uint32_t to_abs_send_time(Micros time);
bool write_abs_send_time(MutableBytes value, uint32_t time);

/// Transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01).
std::optional<uint16_t> read_transport_wide_cc(Bytes value);
bool write_transport_wide_cc(MutableBytes value, uint16_t sequence);

/// RFC 6464 client-to-mixer audio level.
struct AudioLevel {
  bool voice = false;
  uint8_t level = 127;  ///< minus dBov: 0 loudest, 127 silence
  friend bool operator==(const AudioLevel&, const AudioLevel&) = default;
};
std::optional<AudioLevel> read_audio_level(Bytes value);
bool write_audio_level(MutableBytes value, AudioLevel level);

/// 3GPP TS 26.114 coordination of video orientation.
struct VideoOrientation {
  bool back_camera = false;
  bool flip = false;
  uint16_t rotation = 0;  ///< 0, 90, 180 or 270 degrees counter-clockwise
  friend bool operator==(const VideoOrientation&, const VideoOrientation&) = default;
};
std::optional<VideoOrientation> read_video_orientation(Bytes value);
bool write_video_orientation(MutableBytes value, VideoOrientation orientation);

/// RFC 5450 transmission time offset: signed 24 bits in RTP timestamp units.
std::optional<int32_t> read_timestamp_offset(Bytes value);
bool write_timestamp_offset(MutableBytes value, int32_t offset);

/// Absolute capture time: NTP time, and optionally the sender's estimate of its offset from the
/// capture clock.
struct AbsCaptureTime {
  uint64_t ntp = 0;                       ///< UQ32.32 seconds
  std::optional<int64_t> clock_offset{};  ///< signed Q32.32 seconds
  friend bool operator==(const AbsCaptureTime&, const AbsCaptureTime&) = default;
};
std::optional<AbsCaptureTime> read_abs_capture_time(Bytes value);
/// `value` is 8 bytes, or 16 with an offset.
bool write_abs_capture_time(MutableBytes value, const AbsCaptureTime& time);

/// Playout delay limits, in steps of 10 ms up to 40.95 s.
struct PlayoutDelay {
  Millis min{0};
  Millis max{0};
  friend bool operator==(const PlayoutDelay&, const PlayoutDelay&) = default;
};
std::optional<PlayoutDelay> read_playout_delay(Bytes value);
/// Delays beyond the range are cut to it.
bool write_playout_delay(MutableBytes value, PlayoutDelay delay);

/// RFC 9626 (and its draft 07) frame marking.
struct FrameMarking {
  bool start_of_frame = false;
  bool end_of_frame = false;
  bool independent = false;
  bool discardable = false;
  bool base_layer_sync = false;
  uint8_t temporal_layer = 0;
  std::optional<uint8_t> layer_id{};
  std::optional<uint8_t> tl0_picture_index{};
  friend bool operator==(const FrameMarking&, const FrameMarking&) = default;
};
/// At least one byte; the second and third are optional, more are ignored.
std::optional<FrameMarking> read_frame_marking(Bytes value);

}  // namespace sluice::rtp
