// A message of a data channel on its way from a data producer to its data consumers (ortc-model
// 5.5). Never changed once it is on its way: all consumers on all loops read the same one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace sluice::media {

struct DataMessage {
  /// What it counts against limits besides its payload.
  static constexpr size_t kOverhead = 128;

  /// Text, also the empty one.
  static DataMessage text(std::string_view text);
  /// Bytes, also none.
  static DataMessage binary(Bytes bytes);
  /// A message with its payload protocol identifier. SCTP cannot carry an empty message: one with
  /// the identifier of text or bytes gets that of its empty form, and a placeholder.
  static DataMessage make(uint32_t ppid, std::vector<uint8_t> payload);

  uint32_t ppid = 0;
  std::vector<uint8_t> payload;  ///< of empty messages one byte that means nothing
  /// Who gets it: consumers that have one of these, or all if there are none.
  std::vector<uint16_t> subchannels;
  /// Consumers without this one do not get it.
  std::optional<uint16_t> required_subchannel;

  [[nodiscard]] size_t cost() const { return payload.size() + kOverhead; }
};

using SharedMessage = std::shared_ptr<const DataMessage>;

}  // namespace sluice::media
