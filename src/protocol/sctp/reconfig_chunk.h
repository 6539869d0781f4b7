// RE-CONFIG (RFC 6525 sections 3 and 4): requests about streams, and responses to them.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "protocol/sctp/record_reader.h"

namespace sluice::sctp {

/// Result codes of a response (RFC 6525 section 4.4).
enum class ReconfigResult : uint32_t {
  kNothingToDo = 0,
  kPerformed = 1,
  kDenied = 2,
  kWrongSsn = 3,
  kAlreadyInProgress = 4,
  kBadSequence = 5,
  kInProgress = 6,
};

/// Streams of a request, 16 bits each in network byte order.
class StreamList {
 public:
  StreamList() = default;
  explicit StreamList(Bytes raw) : raw_(raw) {}

  [[nodiscard]] size_t size() const { return raw_.size() / 2; }
  /// `index` below size().
  [[nodiscard]] uint16_t operator[](size_t index) const { return load_be16(&raw_[index * 2]); }

 private:
  Bytes raw_;
};

/// "I want to number the messages of these outgoing streams of mine from 0 again, after all TSNs up
/// to `last_tsn`." No streams: all.
struct OutgoingResetRequest {
  uint32_t sequence = 0;
  uint32_t response_sequence = 0;  ///< of the incoming reset request that it answers
  uint32_t last_tsn = 0;
  StreamList streams{};
};
/// "Reset these outgoing streams of yours." No streams: all.
struct IncomingResetRequest {
  uint32_t sequence = 0;
  StreamList streams{};
};
struct AddStreamsRequest {
  uint32_t sequence = 0;
  uint16_t count = 0;
  bool incoming = false;  ///< asks for streams from the receiver of the request
};
/// Reset of all numbers of the association: nothing of data channels.
struct TsnResetRequest {
  uint32_t sequence = 0;
};
struct ReconfigResponse {
  uint32_t sequence = 0;  ///< of the request
  ReconfigResult result = ReconfigResult::kNothingToDo;
};
using ReconfigParameter = std::variant<OutgoingResetRequest, IncomingResetRequest,
                                       AddStreamsRequest, TsnResetRequest, ReconfigResponse>;

/// Walks over the parameters of a chunk. Stops at the first that is malformed.
class ReconfigReader {
 public:
  /// `value`: of the chunk; valid while the reader and what it returned are in use.
  explicit ReconfigReader(Bytes value) : records_(value) {}

  std::optional<ReconfigParameter> next();

  /// The last parameter met so far whose type is unknown and asks to be reported; empty if none.
  [[nodiscard]] Bytes unrecognized() const { return unrecognized_; }

 private:
  RecordReader records_;
  Bytes unrecognized_;
  bool stopped_ = false;
};

/// A parameter as it stands in a chunk.
std::vector<uint8_t> outgoing_reset_parameter(uint32_t sequence, uint32_t response_sequence,
                                              uint32_t last_tsn,
                                              const std::vector<uint16_t>& streams);
std::vector<uint8_t> incoming_reset_parameter(uint32_t sequence,
                                              const std::vector<uint16_t>& streams);
std::vector<uint8_t> add_outgoing_parameter(uint32_t sequence, uint16_t count);
std::vector<uint8_t> response_parameter(const ReconfigResponse& response);

}  // namespace sluice::sctp
