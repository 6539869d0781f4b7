// The parameters with which the control thread has data producers and data consumers made on a
// loop, and what it learns of them. Plain values, copied into commands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "media/loop_setup.h"
#include "protocol/sctp/options.h"

namespace sluice::media {

struct DataProducerSetup {
  Handle handle = 0;
  Handle transport = 0;
  /// What it receives on; nothing for one whose messages come from the application.
  std::optional<uint16_t> stream;
  bool paused = false;
};

/// What a data consumer sends on.
struct DataStream {
  uint16_t id = 0;
  sctp::Reliability reliability;
};

struct DataConsumerSetup {
  Handle handle = 0;
  Handle transport = 0;
  Handle producer = 0;
  /// Nothing for one whose messages go to the application.
  std::optional<DataStream> stream;
  bool paused = false;
  bool producer_paused = false;
  std::vector<uint16_t> subchannels;  ///< ascending
};

/// What came of a message that the application gave to a data consumer.
enum class DataSendOutcome : uint8_t {
  kSent,
  kInactive,  ///< paused, or not connected
  kTooLarge,
  kBufferFull,
  kInvalidStream,  ///< beyond what the peer allows
};

/// What a data producer or consumer counted; `bytes` are of payloads.
struct DataCounters {
  uint64_t messages = 0;
  uint64_t bytes = 0;
};

/// SCTP of a transport as only its loop knows it.
struct SctpDump {
  size_t buffered_amount = 0;                        ///< bytes
  std::vector<std::pair<uint16_t, Handle>> streams;  ///< data producers by stream
};

}  // namespace sluice::media
