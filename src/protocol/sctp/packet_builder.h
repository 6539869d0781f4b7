// Writes one outgoing packet chunk by chunk into a buffer of the path's size (RFC 9260 section 3).
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "protocol/sctp/wire.h"

namespace sluice::sctp {

/// The SCTP ports of data channels are always this one (RFC 8841 section 5.2 leaves the choice;
/// everybody uses it, media-plane 9.1).
inline constexpr uint16_t kPort = 5000;

class PacketBuilder {
 public:
  /// `buffer` has room for at least the common header and stays valid until finish().
  PacketBuilder(MutableBytes buffer, uint32_t verification_tag);

  /// How many bytes of value another chunk may have; 0 also when not even its header fits.
  [[nodiscard]] size_t room() const;
  /// Another chunk with a value of `size` bytes fits.
  [[nodiscard]] bool fits(size_t size) const {
    return size_ + kRecordHeaderSize + padded(size) <= buffer_.size();
  }
  /// No chunk yet.
  [[nodiscard]] bool empty() const { return size_ == kCommonHeaderSize; }

  /// Appends a chunk with a value of `size` bytes, which fits, and returns the value: the caller
  /// fills all of it.
  MutableBytes add(uint8_t type, uint8_t flags, size_t size);
  /// Appends a chunk with this value if it fits. False if not.
  bool add(uint8_t type, uint8_t flags, Bytes value);

  /// Sets the checksum and returns the packet.
  Bytes finish();

 private:
  MutableBytes buffer_;
  size_t size_ = kCommonHeaderSize;
};

}  // namespace sluice::sctp
