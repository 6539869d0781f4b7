// The last step of forwarding on one loop: outgoing RTP packets are composed straight into the
// loop's send queue and encrypted there in batches, from the shared plaintext.
//
// Invariant: no packet leaves the queue before it is encrypted. Whoever flushes calls `protect`
// first, and so does `reserve` when the queue is about to flush itself.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "net/send_queue.h"
#include "protocol/srtp/backend.h"
#include "protocol/srtp/outbound.h"

namespace sluice::media {

class Egress {
 public:
  Egress(net::SendQueue& queue, srtp::Backend& backend) : queue_(queue), backend_(backend) {}

  /// Room for one packet of at most `size` bytes; null when the queue is full. Followed by
  /// `commit`, or by nothing.
  uint8_t* reserve(size_t size) {
    if (!queue_.has_room(size)) {
      protect();
    }
    return queue_.reserve(size);
  }

  /// Queues the packet described by `job`, whose header stands at the reserved place. The payload
  /// that `job` refers to must stay until `protect`; the prefix (at most 16 bytes) is copied.
  /// `overhead` is what protection adds. A job without a stream goes out in the clear.
  void commit(const srtp::RtpJob& job, Bytes prefix, size_t overhead, net::Destination& destination,
              net::Priority priority) {
    const size_t size = job.header_size + prefix.size() + job.payload_size + overhead;
    queue_.commit(size, destination, priority);
    if (job.stream == nullptr) {
      uint8_t* const text = std::ranges::copy(prefix, job.packet + job.header_size).out;
      std::copy_n(job.payload, job.payload_size, text);
      return;
    }
    srtp::RtpJob& queued = jobs_[count_];
    queued = job;
    queued.capacity = static_cast<uint16_t>(size);
    if (!prefix.empty()) {
      std::copy(prefix.begin(), prefix.end(), prefixes_[count_].begin());
      queued.prefix = prefixes_[count_].data();
      queued.prefix_size = static_cast<uint16_t>(prefix.size());
    }
    ++count_;
    if (count_ == jobs_.size()) {
      protect();
    }
  }

  /// Encrypts what was committed since the last call.
  void protect() {
    if (count_ == 0) {
      return;
    }
    const std::span<srtp::RtpJob> jobs(jobs_.data(), count_);
    count_ = 0;
    srtp::protect_batch(backend_, jobs);
    for (srtp::RtpJob& job : jobs) {
      if (job.error != srtp::ProtectError::kNone) {
        refuse(job);
      }
    }
  }

  [[nodiscard]] uint64_t refused() const { return refused_; }
  net::SendQueue& queue() { return queue_; }

 private:
  /// A packet that must not be protected (its index was used before) is already queued; what goes
  /// out in its place is noise that the receiver drops.
  void refuse(srtp::RtpJob& job) {
    ++refused_;
    std::memset(job.packet, 0, job.capacity);
  }

  net::SendQueue& queue_;
  srtp::Backend& backend_;
  std::array<srtp::RtpJob, srtp::Backend::kBlockSize> jobs_{};
  std::array<std::array<uint8_t, srtp::RtpJob::kMaxPrefix>, srtp::Backend::kBlockSize> prefixes_{};
  size_t count_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace sluice::media
