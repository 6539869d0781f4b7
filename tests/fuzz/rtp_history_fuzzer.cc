// links: sluice_rtp
// Loss recovery under arbitrary packets: the NACK generator and the sender's retransmission
// history, with their invariants checked after each step. Each step is eight bytes: what to do, a
// sequence number (or a step from the last one), a timestamp step and a time step.
#include <bit>
#include <cstdlib>
#include <optional>
#include <set>

#include "base/bytes.h"
#include "protocol/rtp/nack_generator.h"
#include "protocol/rtp/retransmission_history.h"
#include "protocol/rtp/source_ring.h"
#include "protocol/rtp/stream_sequence.h"

namespace {

using namespace sluice;
using namespace sluice::rtp;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

struct Record {
  uint32_t source;
  Timestamp timestamp;
};

class Harness {
 public:
  void step(ByteReader& input) {
    const uint8_t action = input.u8();
    const uint16_t number = input.u16();
    const uint16_t timestamp_step = input.u16();
    const uint16_t time_step = input.u16();
    const uint8_t flags = input.u8();
    if ((flags & 1) != 0) {
      sequence_ = number;
    } else {
      // Small steps make long histories.
      sequence_ = static_cast<uint16_t>(sequence_ + 1 + number % 5 - (number % 7 == 0 ? 8 : 0));
    }
    timestamp_ += (flags & 2) != 0 ? uint32_t{timestamp_step} << 14 : timestamp_step % 64U;
    now_ += Micros{(flags & 4) != 0 ? time_step * 100 : time_step};

    switch (action % 8) {
      case 0:
        time_out(time_step);
        break;
      case 1:
        nack(timestamp_step, time_step);
        break;
      case 2:
        if (flags > 250) {
          generator_.reset();
          history_.clear();
        }
        break;
      default:
        packet(flags);
    }
    check();
  }

 private:
  void packet(uint8_t flags) {
    const SeqNum sequence{sequence_};
    const size_t missing = generator_.missing();
    request_.clear();
    const bool requested =
        generator_.on_packet(sequence, (flags & 8) != 0, (flags & 16) != 0, now_, request_);
    require(!requested || generator_.missing() == missing - 1);
    check_request();

    stream_.on_packet(sequence, Timestamp{timestamp_}, now_);
    const size_t size = 1400 + flags;
    const uint32_t source = ring_.push(sequence_, size, now_);
    const bool stored = history_.insert(sequence, Timestamp{timestamp_}, size, now_,
                                        {.source = source, .timestamp = Timestamp{timestamp_}});
    require(!stored || size <= kMaxRetransmittableSize);
    if (stored) {
      const Record* record = history_.find(sequence);
      require(record != nullptr && record->source == source);
    }
  }

  void time_out(uint16_t rtt) {
    request_.clear();
    generator_.set_round_trip_time(Micros{rtt * 10});
    generator_.on_timeout(now_, request_);
    check_request();
  }

  void nack(uint16_t blp, uint16_t rtt) {
    const ResendTiming timing{.round_trip = Micros{rtt}, .least_round_trip = Micros{rtt / 2}};
    for (uint32_t wanted = 1U | uint32_t{blp} << 1, s = sequence_; wanted != 0; wanted >>= 1, ++s) {
      if ((wanted & 1) == 0) {
        continue;
      }
      const SeqNum sequence{static_cast<uint16_t>(s)};
      const bool due = history_.is_due(sequence, now_, timing);
      bool called = false;
      const bool resent =
          history_.resend(sequence, now_, timing, [&](Timestamp, const Record& record) {
            called = true;
            const uint16_t* packet = ring_.find(record.source);
            require(packet == nullptr || *packet == sequence.value);
            return packet != nullptr;
          });
      require(called == due);
      require(!resent || !history_.is_due(sequence, now_, timing));
      require(history_.repaired() <= history_.retransmitted());
    }
  }

  void check_request() {
    std::set<uint16_t> once;
    for (const SeqNum sequence : request_.sequences()) {
      require(once.insert(sequence.value).second);
    }
    size_t covered = 0;
    pack_nack_items(request_.sequences(), [&](SeqNum, uint16_t blp) {
      covered += 1 + static_cast<size_t>(std::popcount(blp));
    });
    require(covered == once.size());
  }

  void check() const {
    require(generator_.missing() <= 1000);
    require(generator_.missing() == 0 || generator_.next_timeout().has_value());
    require(history_.size() <= kSlots);
    if (history_.empty()) {
      return;
    }
    require(history_.find(history_.newest()) != nullptr);
    require(history_.find(SeqNum{static_cast<uint16_t>(history_.oldest().value - 1)}) == nullptr);
    require(history_.find(SeqNum{static_cast<uint16_t>(history_.newest().value + 1)}) == nullptr);
    std::optional<Timestamp> last;
    for (size_t i = 0; i < history_.size(); ++i) {
      const auto sequence = static_cast<uint16_t>(history_.oldest().value + i);
      if (const Record* record = history_.find(SeqNum{sequence})) {
        require(!last || !is_higher(*last, record->timestamp));
        last = record->timestamp;
      }
    }
  }

  static constexpr uint16_t kSlots = 300;

  uint16_t sequence_ = 0;
  uint32_t timestamp_ = 0;
  Micros now_{1s};
  NackGenerator generator_;
  NackRequest request_;
  StreamSequence stream_;
  RetransmissionHistory<Record> history_{{.slots = kSlots}};
  SourceRing<uint16_t> ring_{{.max_packets = 200}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader input({data, size});
  Harness harness;
  while (input.remaining() >= 8) {
    harness.step(input);
  }
  return 0;
}
