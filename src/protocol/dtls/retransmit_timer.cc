#include "protocol/dtls/retransmit_timer.h"

#include <openssl/ssl.h>
#include <sys/time.h>

#include <algorithm>

namespace sluice::dtls {
namespace {

// Far beyond any handshake, and far beyond the 71 minutes that the library's own interval can span,
// so that reading it back proves that the storage is shared.
constexpr time_t kOutOfReach = time_t{10} * 365 * 24 * 3600;

// When the library's clock runs behind ours, look again no sooner than this.
constexpr Micros kRecheck = 1ms;

}  // namespace

unsigned RetransmitTimer::interval_after(unsigned previous) {
  if (previous == 0) {
    new_flight_ = true;
    interval_ = kInitialInterval;
  } else {
    ++repetitions_;
    interval_ = std::min(2 * Micros(previous), kMaxInterval);
  }
  return static_cast<unsigned>(interval_.count());
}

void RetransmitTimer::library_set(timeval* deadline) {
  running_ = deadline->tv_sec != 0 || deadline->tv_usec != 0;
  if (!running_) {
    return;
  }
  set_since_settled_ = true;
  if (storage_ != Storage::kCopied) {
    library_deadline_ = deadline;
    deadline->tv_sec += kOutOfReach;
  }
}

void RetransmitTimer::settle(ssl_st* ssl, Micros now) {
  if (!set_since_settled_ || !running_) {
    set_since_settled_ = false;
    return;
  }
  set_since_settled_ = false;
  if (storage_ == Storage::kUnknown) {
    timeval left{};
    const bool shared = DTLSv1_get_timeout(ssl, &left) == 1 && left.tv_sec > kOutOfReach / 2;
    storage_ = shared ? Storage::kShared : Storage::kCopied;
    if (!shared) {
      library_deadline_ = nullptr;
    }
  }
  if (new_flight_) {
    new_flight_ = false;
    repetitions_ = 0;
    flight_start_ = now;
  }
  next_ = now + interval_;
}

std::optional<Micros> RetransmitTimer::deadline() const {
  if (!running_) {
    return std::nullopt;
  }
  return std::min(next_, flight_start_ + kGiveUpAfter);
}

RetransmitTimer::Expiry RetransmitTimer::expire(ssl_st* ssl, Micros now) {
  const std::optional<Micros> due = deadline();
  if (!due || now < *due) {
    return Expiry::kNotDue;
  }
  if (now >= flight_start_ + kGiveUpAfter) {
    return Expiry::kGaveUp;
  }
  if (storage_ == Storage::kShared) {
    *library_deadline_ = timeval{.tv_sec = 1, .tv_usec = 0};
  }
  if (DTLSv1_handle_timeout(ssl) == 0) {
    timeval left{};
    DTLSv1_get_timeout(ssl, &left);
    const Micros wait = std::chrono::seconds(left.tv_sec) + Micros(left.tv_usec);
    next_ = now + std::max(wait, kRecheck);
    return Expiry::kNotDue;
  }
  settle(ssl, now);
  return Expiry::kRepeated;
}

}  // namespace sluice::dtls
