#include "web/admission.h"

#include <algorithm>
#include <array>

namespace sluice::web {
namespace {

// Rate records before the first clean-up, and the most that are ever kept: beyond it new addresses
// go unlimited rather than being locked out by someone who has very many addresses.
constexpr size_t kFirstSweep = 4096;
constexpr size_t kMaxRecords = 65536;
// A clean-up walks all records, so a flood of new addresses must not cause one per request.
constexpr Micros kSweepInterval = 1s;

}  // namespace

IpAddress limit_key(const IpAddress& address) {
  if (address.is_v4()) {
    return address;
  }
  std::array<uint8_t, 16> network{};
  const Bytes raw = address.bytes();
  std::copy_n(raw.begin(), 8, network.begin());
  return IpAddress::v6(network);
}

Admission::Ticket& Admission::Ticket::operator=(Ticket&& other) noexcept {
  if (this != &other) {
    release();
    admission_ = std::exchange(other.admission_, nullptr);
    counts_total_ = other.counts_total_;
    key_ = other.key_;
  }
  return *this;
}

void Admission::Ticket::release() {
  if (admission_ == nullptr) {
    return;
  }
  if (counts_total_) {
    --admission_->total_;
  }
  if (key_) {
    const auto entry = admission_->per_address_.find(*key_);
    if (--entry->second == 0) {
      admission_->per_address_.erase(entry);
    }
  }
  admission_ = nullptr;
}

Admission::Admission(AdmissionLimits limits) : limits_(limits), sweep_at_(kFirstSweep) {
  if (limits_.burst <= 0) {
    limits_.burst = 2 * limits_.requests_per_second;
  }
  limits_.burst = std::max(limits_.burst, 1.0);
}

bool Admission::take_address(const IpAddress& key) {
  size_t& count = per_address_[key];
  if (count >= limits_.max_per_address) {
    if (count == 0) {
      per_address_.erase(key);
    }
    return false;
  }
  ++count;
  return true;
}

Admission::Ticket Admission::admit(const IpAddress& address, bool count_address) {
  Ticket ticket;
  if (total_ >= limits_.max_connections) {
    return ticket;
  }
  if (count_address) {
    const IpAddress key = limit_key(address);
    if (!take_address(key)) {
      return ticket;
    }
    ticket.key_ = key;
  }
  ++total_;
  ticket.counts_total_ = true;
  ticket.admission_ = this;
  return ticket;
}

Admission::Ticket Admission::admit_user(const IpAddress& address) {
  Ticket ticket;
  const IpAddress key = limit_key(address);
  if (take_address(key)) {
    ticket.key_ = key;
    ticket.admission_ = this;
  }
  return ticket;
}

size_t Admission::connections_of(const IpAddress& address) const {
  const auto entry = per_address_.find(limit_key(address));
  return entry == per_address_.end() ? 0 : entry->second;
}

void Admission::forget_full_buckets(Micros now) {
  const double rate = limits_.requests_per_second;
  std::erase_if(buckets_, [&](const auto& entry) {
    const std::chrono::duration<double> idle = now - entry.second.updated;
    return entry.second.tokens + idle.count() * rate >= limits_.burst;
  });
  sweep_at_ = std::max(kFirstSweep, buckets_.size() * 2);
}

bool Admission::allow_request(const IpAddress& address, Micros now) {
  if (limits_.requests_per_second <= 0) {
    return true;
  }
  if (buckets_.size() >= std::min(sweep_at_, kMaxRecords) && now >= next_sweep_) {
    next_sweep_ = now + kSweepInterval;
    forget_full_buckets(now);
  }
  const IpAddress key = limit_key(address);
  auto entry = buckets_.find(key);
  if (entry == buckets_.end()) {
    if (buckets_.size() >= kMaxRecords) {
      return true;
    }
    entry = buckets_.emplace(key, Bucket{limits_.burst, now}).first;
  }
  Bucket& bucket = entry->second;
  const std::chrono::duration<double> elapsed = now - bucket.updated;
  bucket.tokens =
      std::min(limits_.burst, bucket.tokens + elapsed.count() * limits_.requests_per_second);
  bucket.updated = now;
  if (bucket.tokens < 1) {
    return false;
  }
  bucket.tokens -= 1;
  return true;
}

}  // namespace sluice::web
