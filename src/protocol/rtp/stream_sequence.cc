#include "protocol/rtp/stream_sequence.h"

namespace sluice::rtp {

void StreamSequence::start(uint16_t sequence) {
  started_ = true;
  max_ = sequence;
  base_ = sequence;
  cycles_ = 0;
  received_ = 1;
  bad_ = kNoBadSequence;
}

void StreamSequence::take_timestamp(Timestamp timestamp, Micros now) {
  max_timestamp_ = timestamp;
  max_timestamp_at_ = now;
}

StreamSequence::Verdict StreamSequence::on_packet(SeqNum sequence, Timestamp timestamp,
                                                  Micros now) {
  const uint16_t s = sequence.value;
  if (!started_) {
    start(s);
    take_timestamp(timestamp, now);
    return Verdict::kFirst;
  }

  const auto ahead = static_cast<uint16_t>(s - max_);
  if (ahead != 0 && ahead < kMaxDropout) {
    if (s < max_) {
      cycles_ += 0x10000;
    }
    max_ = s;
    ++received_;
    if (timestamp != max_timestamp_) {
      take_timestamp(timestamp, now);
    }
    return Verdict::kAdvanced;
  }
  if (ahead == 0 || ahead > 0x10000 - kMaxMisorder) {
    ++received_;
    if (is_higher(timestamp, max_timestamp_)) {
      take_timestamp(timestamp, now);
    }
    return Verdict::kOld;
  }
  if (s == bad_) {
    start(s);
    take_timestamp(timestamp, now);
    return Verdict::kRestarted;
  }
  bad_ = static_cast<uint16_t>(s + 1);
  ++discarded_;
  return Verdict::kDiscarded;
}

}  // namespace sluice::rtp
