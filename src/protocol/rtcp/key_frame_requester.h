// Decides when a producer's streams are asked for a key frame (media-plane 6.7). Many consumers may
// want one at once; the sender is asked once, again after a second without an answer, and, with a
// minimum distance set, not more often than that.
//
// Whether a stream can be asked at all (it exists, speaks PLI or FIR, is not paused) is for the
// owner to know.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/types.h"

namespace sluice::rtcp {

class KeyFrameRequester {
 public:
  /// How long a request waits for its key frame before it is repeated.
  static constexpr Micros kWait{1'000'000};

  /// `delay` is the minimum distance of requests that are not forced; 0 for none.
  explicit KeyFrameRequester(Micros delay = Micros(0)) : delay_(delay) {}

  /// Somebody needs a key frame of `ssrc`.
  void needed(Ssrc ssrc, Micros now);
  /// A key frame is needed whatever was asked before, e.g. after a resume.
  void force(Ssrc ssrc, Micros now);
  /// A key frame of `ssrc` arrived.
  void received(Ssrc ssrc);
  /// The stream is gone.
  void remove(Ssrc ssrc);
  /// Forgets all streams and timers, e.g. when the producer is paused.
  void clear();

  [[nodiscard]] std::optional<Micros> next_timeout() const;
  void on_timeout(Micros now);

  /// The next stream to send a PLI or FIR for, now.
  std::optional<Ssrc> poll();

 private:
  struct Stream {
    Ssrc ssrc;
    std::optional<Micros> delayed_until{};  ///< requests are held back until then
    bool wanted = false;                    ///< one was held back
    std::optional<Micros> pending_until{};  ///< a request waits for its key frame until then
    bool retry = false;                     ///< and is repeated when none comes

    [[nodiscard]] bool idle() const { return !delayed_until && !pending_until; }
  };

  Stream& stream(Ssrc ssrc);
  void request(Stream& stream, Micros now);
  void need(Stream& stream, Micros now);

  Micros delay_;
  std::vector<Stream> streams_;  // a handful: one per encoding
  std::vector<Ssrc> requests_;
};

}  // namespace sluice::rtcp
