#include "protocol/rtcp/inactivity.h"

namespace sluice::rtcp {

InactivityWatch::Change InactivityWatch::on_packet(bool has_payload, Micros now) {
  if (!has_payload) {
    return Change::kNone;
  }
  last_payload_ = now;
  if (active_) {
    return Change::kNone;
  }
  active_ = true;
  return Change::kActive;
}

std::optional<Micros> InactivityWatch::next_timeout() const {
  return watched_ && active_ ? std::optional(last_payload_ + timeout_) : std::nullopt;
}

InactivityWatch::Change InactivityWatch::on_timeout(Micros now) {
  const auto deadline = next_timeout();
  if (!deadline || now < *deadline) {
    return Change::kNone;
  }
  active_ = false;
  return Change::kInactive;
}

}  // namespace sluice::rtcp
