// Reads RFC 4571 frames (16-bit length, payload) out of a TCP byte stream.
//
// Sans-IO. A frame that lies whole in the bytes just read is delivered in place; only a frame that
// is split over reads is copied, into a buffer that grows with the bytes that really arrive and is
// kept for the next split frame.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace sluice::net {

class TcpFraming {
 public:
  /// Length prefix and payload of the longest frame (media-plane 1.11).
  static constexpr size_t kDefaultLimit = 65536;
  static constexpr size_t kPrefix = 2;

  enum class Status {
    kOk,        ///< everything was used; a started frame is kept
    kStopped,   ///< the handler wants no more
    kOversize,  ///< a frame longer than the limit is announced: the connection has to be closed
  };

  /// Frames of up to `limit` bytes, prefix included.
  explicit TcpFraming(size_t limit = kDefaultLimit) : limit_(limit) {}

  /// Takes the next bytes of the stream and calls `bool on_frame(MutableBytes)` for each complete
  /// frame, in order; empty frames are skipped. When `on_frame` returns false, `feed` returns at
  /// once and touches this object no more: the handler may have destroyed it, and the rest is lost.
  template <class Fn>
  Status feed(MutableBytes chunk, Fn&& on_frame) {
    while (!chunk.empty()) {
      if (partial_.empty() && chunk.size() >= kPrefix) {
        const size_t total = kPrefix + load_be16(chunk.data());
        if (total > limit_) {
          return Status::kOversize;
        }
        if (total <= chunk.size()) {
          const MutableBytes frame = chunk.subspan(kPrefix, total - kPrefix);
          chunk = chunk.subspan(total);
          if (!frame.empty() && !on_frame(frame)) {
            return Status::kStopped;
          }
          continue;
        }
      }
      // First the prefix, to know how much more belongs to this frame.
      keep(chunk, kPrefix);
      if (partial_.size() < kPrefix) {
        return Status::kOk;
      }
      const size_t total = kPrefix + load_be16(partial_.data());
      if (total > limit_) {
        return Status::kOversize;
      }
      keep(chunk, total);
      if (partial_.size() == total) {
        if (total > kPrefix && !on_frame(MutableBytes(partial_).subspan(kPrefix))) {
          return Status::kStopped;
        }
        partial_.clear();
      }
    }
    return Status::kOk;
  }

  /// Bytes of a frame that has not arrived completely, prefix included.
  [[nodiscard]] size_t buffered() const { return partial_.size(); }

 private:
  // Moves bytes from `chunk` to the kept frame until that has `size` bytes.
  void keep(MutableBytes& chunk, size_t size) {
    if (partial_.size() < size) {
      const size_t count = std::min(size - partial_.size(), chunk.size());
      partial_.insert(partial_.end(), chunk.begin(), chunk.begin() + static_cast<ptrdiff_t>(count));
      chunk = chunk.subspan(count);
    }
  }

  size_t limit_;
  std::vector<uint8_t> partial_;
};

}  // namespace sluice::net
