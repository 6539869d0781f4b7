#include "vp8_frames.h"

namespace {

using Bytes = std::span<const uint8_t>;

uint32_t big_endian(Bytes bytes) {
  uint32_t value = 0;
  for (const uint8_t byte : bytes) {
    value = value << 8 | byte;
  }
  return value;
}

/// What follows the header, extensions and padding (RFC 3550 section 5.1); empty for a packet that
/// is none. The engine passes on what it could read only.
Bytes payload_of(Bytes packet) {
  size_t start = 12 + 4u * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) != 0 && start + 4 <= packet.size()) {
    start += 4 + 4 * big_endian(packet.subspan(start + 2, 2));
  }
  const size_t padding = (packet[0] & 0x20) != 0 ? packet.back() : 0;
  return start + padding < packet.size() ? packet.subspan(start, packet.size() - padding - start)
                                         : Bytes();
}

/// The size of the payload descriptor (RFC 7741 section 4.2).
size_t descriptor_size(Bytes payload) {
  if ((payload[0] & 0x80) == 0 || payload.size() < 3) {
    return 1;
  }
  const uint8_t present = payload[1];
  size_t size = 2;
  if ((present & 0x80) != 0) {
    size += (payload[2] & 0x80) != 0 ? 2 : 1;  // picture id
  }
  size += (present & 0x40) != 0 ? 1 : 0;  // TL0PICIDX
  size += (present & 0x30) != 0 ? 1 : 0;  // TID and KEYIDX
  return size;
}

}  // namespace

void Vp8Frames::on_loss() {
  frame_.clear();
  if (!waiting_) {
    waiting_ = true;
    lost_();
  }
}

void Vp8Frames::on_rtp(Bytes packet) {
  const auto sequence = static_cast<uint16_t>(big_endian(packet.subspan(2, 2)));
  const uint32_t timestamp = big_endian(packet.subspan(4, 4));
  if (last_sequence_ && sequence != static_cast<uint16_t>(*last_sequence_ + 1)) {
    on_loss();
  }
  last_sequence_ = sequence;
  const Bytes payload = payload_of(packet);
  const size_t skipped = payload.empty() ? 0 : descriptor_size(payload);
  if (payload.size() <= skipped) {
    return;
  }
  const bool first = (payload[0] & 0x17) == 0x10;  // start of partition 0
  if (first) {
    frame_.clear();
    const bool key = (payload[skipped] & 0x01) == 0;
    if (waiting_ && !key) {
      return;
    }
    waiting_ = false;
  } else if (frame_.empty()) {
    return;
  }
  frame_.insert(frame_.end(), payload.begin() + static_cast<ptrdiff_t>(skipped), payload.end());
  if ((packet[1] & 0x80) == 0) {  // no marker: the frame goes on
    return;
  }
  time_ += last_timestamp_ ? static_cast<int32_t>(timestamp - *last_timestamp_) : 0;
  last_timestamp_ = timestamp;
  take_({.bytes = frame_, .time = time_, .key = (frame_[0] & 0x01) == 0});
  frame_.clear();
}
