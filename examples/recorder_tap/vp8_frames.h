// Puts VP8 frames together from RTP packets (RFC 7741).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

/// A whole frame. `time` is in units of 1/90000 s, from the first frame on.
struct Vp8Frame {
  std::span<const uint8_t> bytes;
  int64_t time = 0;
  bool key = false;
};

class Vp8Frames {
 public:
  /// `take` gets every frame of an unbroken sequence that begins with a key frame; `lost` is called
  /// when that ends, and the next key frame is waited for.
  Vp8Frames(std::function<void(const Vp8Frame&)> take, std::function<void()> lost)
      : take_(std::move(take)), lost_(std::move(lost)) {}

  void on_rtp(std::span<const uint8_t> packet);

 private:
  void on_loss();

  std::function<void(const Vp8Frame&)> take_;
  std::function<void()> lost_;
  std::optional<uint16_t> last_sequence_;
  std::optional<uint32_t> last_timestamp_;
  int64_t time_ = 0;
  bool waiting_ = true;  ///< for a key frame
  std::vector<uint8_t> frame_;
};
