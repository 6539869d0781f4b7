#include "protocol/dtls/datagram_queue.h"

namespace sluice::dtls {

bool DatagramQueue::push(Bytes datagram) {
  if (empty()) {
    clear();
  }
  if (datagram.size() > max_bytes_ - bytes_.size()) {
    ++dropped_;
    return false;
  }
  bytes_.insert(bytes_.end(), datagram.begin(), datagram.end());
  ends_.push_back(bytes_.size());
  return true;
}

std::optional<Bytes> DatagramQueue::pop() {
  if (empty()) {
    return std::nullopt;
  }
  const size_t begin = next_ == 0 ? 0 : ends_[next_ - 1];
  const size_t end = ends_[next_];
  ++next_;
  return Bytes(bytes_).subspan(begin, end - begin);
}

void DatagramQueue::clear() {
  bytes_.clear();
  ends_.clear();
  next_ = 0;
}

}  // namespace sluice::dtls
