// From DATA chunks to messages (RFC 9260 sections 6.5, 6.6, 6.9; RFC 3758 section 3.6).
//
// A message that came in one chunk, or whose fragments are all there, is released as soon as its
// stream's order allows, whatever gaps other streams have. Fragments behind the cumulative TSN are
// appended to their stream's open message in the order of TSNs, so that even fragments of different
// streams that a sender has mixed come out right.
//
// TSNs are extended to 64 bits.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "protocol/sctp/data_chunk.h"
#include "protocol/sctp/forward_tsn_chunk.h"

namespace sluice::sctp {

/// A message as SCTP carries it.
struct ReassembledMessage {
  uint16_t stream = 0;
  uint32_t ppid = 0;
  bool unordered = false;
  bool too_large = false;  ///< it was, so its payload is gone
  std::vector<uint8_t> payload{};
};

class Reassembly {
 public:
  /// What a kept fragment or message costs besides its payload.
  static constexpr size_t kOverhead = 128;

  explicit Reassembly(size_t max_message_size) : max_message_size_(max_message_size) {}

  /// A chunk with payload that arrived for the first time. Then `cumulative` is the cumulative TSN.
  void add(const DataChunk& chunk, int64_t tsn, int64_t cumulative);
  /// FORWARD TSN: nothing more up to `tsn` will come, nor up to the listed messages of streams.
  /// Then `cumulative` is the cumulative TSN, at least `tsn`.
  void skip(int64_t tsn, const ForwardTsnChunk& forward, int64_t cumulative);
  /// The peer numbers the messages of this stream from 0 again.
  void reset(uint16_t stream);
  void reset_all();

  /// The next message in the order in which they became complete.
  std::optional<ReassembledMessage> pop();

  /// Bytes kept, with overhead; released messages that were not popped count too.
  [[nodiscard]] size_t held() const { return held_; }

 private:
  struct Fragment {
    uint16_t stream;
    uint16_t ssn;
    uint32_t ppid;
    bool unordered;
    bool begin;
    bool end;
    std::vector<uint8_t> payload;

    [[nodiscard]] bool continues(const Fragment& previous) const {
      return !begin && !previous.end && stream == previous.stream &&
             unordered == previous.unordered && (unordered || ssn == previous.ssn);
    }
  };
  using Fragments = std::map<int64_t, Fragment>;

  // A message whose first fragments are behind the cumulative TSN.
  struct Open {
    uint16_t ssn = 0;
    ReassembledMessage message;
  };
  // Stream and, above it, whether it is about unordered messages.
  using OpenKey = uint32_t;

  void append(const DataChunk& chunk);
  void settle(int64_t cumulative);
  void try_run(int64_t tsn);
  void close_open(std::map<OpenKey, Open>::iterator open);
  void complete(uint16_t ssn, ReassembledMessage&& message);
  void release(ReassembledMessage&& message);
  void release_waiting(uint16_t stream);
  void release_up_to(SkippedStream skipped);
  void release_range(uint16_t stream, uint16_t first, uint16_t last);
  Fragments::iterator erase_fragment(Fragments::iterator fragment);
  uint16_t& next_ssn(uint16_t stream);

  size_t max_message_size_;
  size_t held_ = 0;
  Fragments fragments_;                             // beyond the cumulative TSN
  std::map<OpenKey, Open> open_;                    // at most one of a kind per stream
  std::map<uint32_t, ReassembledMessage> waiting_;  // by stream << 16 | ssn: out of order
  std::vector<uint16_t> next_ssn_;                  // by stream; those beyond are 0
  std::deque<ReassembledMessage> ready_;
};

}  // namespace sluice::sctp
