// The video that the subjects forward: frames of equal packets, as a browser sends VP8.
#pragma once

#include <cstdint>
#include <vector>

#include "support/test_peer.h"

namespace sluice::bench {

inline constexpr uint32_t kVideoSsrc = 0x51515151;
inline constexpr uint8_t kVideoPayloadType = 96;
inline constexpr uint32_t kVideoClockRate = 90000;
/// The sender's id of the transport-wide sequence number, the one extension of its packets.
inline constexpr uint8_t kTransportCcId = 3;

struct VideoShape {
  unsigned packet_size = 1200;  ///< bytes of RTP, before protection
  unsigned burst = 5;           ///< packets of one frame
  unsigned frames_per_second = 250;
};

class VideoSource {
 public:
  /// Fixed header, and an extension block with the transport-wide sequence number.
  static constexpr size_t kHeaderSize = 20;

  explicit VideoSource(const VideoShape& shape) : shape_(shape) {}

  /// Plain packets of the next frame. The first frame is a key frame.
  const std::vector<test::Buffer>& next_frame();

 private:
  VideoShape shape_;
  bool started_ = false;
  uint16_t sequence_ = 1;
  uint32_t timestamp_ = 1;
  uint16_t picture_id_ = 1;
  uint8_t tl0_ = 1;
  std::vector<test::Buffer> packets_;
};

}  // namespace sluice::bench
