// When to repeat a handshake flight (media-plane 3.3): 100 ms after it was sent, then at doubled
// distances of at most 4 s, and giving up 30 s after it was first sent.
//
// OpenSSL has its own timer and reads the wall clock for it. This class takes the timer over: it
// learns from the library when a flight starts, is repeated or is answered, keeps the deadline in
// the caller's time, and makes the library's timer expire exactly then. For this the library's
// deadline is moved years ahead whenever it is set (OpenSSL 3.0 and 3.1 hand the timer's own
// storage to the BIO), and into the past when ours is due. Whether the library shares its storage
// is tested, not assumed. Where it passes a copy (from 3.2 on), its clock stays in force: the same
// intervals, but a repetition happens only when both clocks have come to it.
#pragma once

#include <optional>

#include "base/types.h"
#include "protocol/dtls/openssl_ptr.h"

struct timeval;

namespace sluice::dtls {

class RetransmitTimer {
 public:
  static constexpr Micros kInitialInterval = 100ms;
  static constexpr Micros kMaxInterval = 4s;
  static constexpr Micros kGiveUpAfter = 30s;

  // What the library says.

  /// Asks for the interval before the next repetition, in microseconds; `previous` is 0 when a new
  /// flight begins. (DTLS_set_timer_cb)
  unsigned interval_after(unsigned previous);
  /// Sets its timer, or stops it with a zero time. (BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT)
  void library_set(timeval* deadline);

  // What the caller does.

  /// To be called after every call into the library that may have set its timer.
  void settle(ssl_st* ssl, Micros now);

  /// When to call expire(), if ever.
  [[nodiscard]] std::optional<Micros> deadline() const;

  enum class Expiry {
    kNotDue,
    kRepeated,  ///< the library has repeated the flight, or has failed trying
    kGaveUp,    ///< no answer for kGiveUpAfter
  };
  Expiry expire(ssl_st* ssl, Micros now);

  /// How often the present flight was repeated.
  [[nodiscard]] int repetitions() const { return repetitions_; }

 private:
  enum class Storage { kUnknown, kShared, kCopied };

  Storage storage_ = Storage::kUnknown;
  timeval* library_deadline_ = nullptr;  // read and written only once storage_ is kShared
  bool running_ = false;
  bool set_since_settled_ = false;
  bool new_flight_ = false;
  int repetitions_ = 0;
  Micros interval_{};
  Micros flight_start_{};
  Micros next_{};
};

}  // namespace sluice::dtls
