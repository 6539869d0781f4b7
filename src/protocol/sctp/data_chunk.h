// DATA (RFC 9260 section 3.3.1).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "protocol/sctp/packet.h"

namespace sluice::sctp {

struct DataChunk {
  bool immediate_ack = false;  ///< I: the sender waits for the acknowledgement
  bool unordered = false;      ///< U
  bool begin = false;          ///< B: first fragment of a message
  bool end = false;            ///< E: last fragment
  uint32_t tsn = 0;
  uint16_t stream = 0;
  uint16_t ssn = 0;  ///< of no meaning when unordered
  uint32_t ppid = 0;
  Bytes payload{};

  /// Nothing when the chunk is too short. An empty payload is left to be judged.
  static std::optional<DataChunk> parse(const ChunkView& chunk);

  [[nodiscard]] uint8_t flags() const;
  /// Fills the value of a chunk of kDataHeaderSize - kRecordHeaderSize + payload bytes.
  void write(MutableBytes value) const;
};

}  // namespace sluice::sctp
