// Reading and writing the one framing that chunks of a packet, parameters of a chunk and causes of
// an error share: two bytes of type, two bytes of length that count themselves, a value, padding to
// 32 bits (RFC 9260 sections 3.2, 3.2.1, 3.3.10).
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "protocol/sctp/wire.h"

namespace sluice::sctp {

struct Record {
  uint16_t head = 0;  ///< type, or chunk type and flags
  Bytes value;        ///< without header and padding
  Bytes whole;        ///< with header, without padding
};

/// Walks over records. Ends at the end of the data, or for good at a length below 4 or beyond the
/// end, which `ok()` tells apart. The padding of the last record may be missing.
class RecordReader {
 public:
  explicit RecordReader(Bytes data) : rest_(data) {}

  std::optional<Record> next() {
    if (rest_.empty() || !ok_) {
      return std::nullopt;
    }
    const size_t length = rest_.size() < kRecordHeaderSize ? 0 : load_be16(&rest_[2]);
    if (length < kRecordHeaderSize || length > rest_.size()) {
      ok_ = false;
      return std::nullopt;
    }
    const Record record{.head = load_be16(rest_.data()),
                        .value = rest_.subspan(kRecordHeaderSize, length - kRecordHeaderSize),
                        .whole = rest_.first(length)};
    rest_ = rest_.subspan(std::min(padded(length), rest_.size()));
    return record;
  }

  [[nodiscard]] bool ok() const { return ok_; }

 private:
  Bytes rest_;
  bool ok_ = true;
};

/// Appends a record. Pads what is there before: the padding of the last record is not part of the
/// length of what contains it (RFC 9260 section 3.2).
inline void append_record(std::vector<uint8_t>& out, uint16_t head, Bytes value) {
  const size_t start = padded(out.size());
  out.resize(start + kRecordHeaderSize);
  store_be16(&out[start], head);
  store_be16(&out[start + 2], static_cast<uint16_t>(kRecordHeaderSize + value.size()));
  out.insert(out.end(), value.begin(), value.end());
}

}  // namespace sluice::sctp
