#include "protocol/sctp/congestion_window.h"

#include <algorithm>

namespace sluice::sctp {
namespace {

constexpr size_t kMinPackets = 4;
constexpr size_t kInitialBytes = 4404;  // RFC 9260 section 7.2.1, from RFC 3390

}  // namespace

CongestionWindow::CongestionWindow(size_t max_chunk)
    : max_chunk_(max_chunk),
      window_(std::min(4 * max_chunk, std::max(2 * max_chunk, kInitialBytes))) {}

void CongestionWindow::on_acked(size_t acked, size_t in_flight, bool advanced, bool in_recovery) {
  // A window that was not used up says nothing about what the path can take.
  const bool used_up = in_flight + max_chunk_ > window_;
  if (window_ <= threshold_) {
    if (used_up && advanced && !in_recovery) {
      window_ += std::min(acked, max_chunk_);
    }
    return;
  }
  partial_acked_ += acked;
  if (partial_acked_ < window_) {
    return;
  }
  if (used_up && advanced && !in_recovery) {
    partial_acked_ -= window_;
    window_ += max_chunk_;
  } else {
    partial_acked_ = window_;
  }
}

size_t CongestionWindow::halved() const {
  return std::max(window_ / 2, kMinPackets * max_chunk_);
}

void CongestionWindow::on_loss() {
  threshold_ = halved();
  window_ = threshold_;
  partial_acked_ = 0;
}

void CongestionWindow::on_timeout() {
  threshold_ = halved();
  window_ = max_chunk_;
  partial_acked_ = 0;
}

void CongestionWindow::on_idle(Micros idle, Micros rto) {
  for (; idle >= rto && window_ > kMinPackets * max_chunk_; idle -= rto) {
    window_ = halved();
  }
}

}  // namespace sluice::sctp
