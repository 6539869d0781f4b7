// The receiving half of a client, for one stream: asks again for what is missing, decodes RTX,
// reports, and remembers when each packet of a MediaSource arrived.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "protocol/rtcp/reception_stats.h"
#include "protocol/rtp/jitter.h"
#include "protocol/rtp/nack_generator.h"
#include "protocol/rtp/stream_sequence.h"
#include "support/test_peer.h"

namespace sluice::test {

struct SinkSettings {
  uint32_t ssrc = 0;
  uint32_t rtx_ssrc = 0;  ///< 0 without RTX
  uint32_t clock_rate = 90000;
  bool video = false;
  bool nack = true;
  /// What it times its requests by.
  Micros rtt = 100ms;
};

class MediaSink {
 public:
  struct Counters {
    uint64_t media = 0;       ///< packets of the media SSRC
    uint64_t duplicates = 0;  ///< of them, those with a number that the media SSRC had before
    uint64_t rtx = 0;
    uint64_t useless_rtx = 0;  ///< of them, those that were there already
    uint64_t nacked = 0;       ///< packets asked for
    uint64_t key_frame_requests = 0;
  };

  MediaSink(const SinkSettings& settings, TestPeer& peer);

  /// A plain packet of any stream of the peer.
  void on_rtp(Bytes packet, Micros now);
  void on_rtcp(Bytes compound, Micros now);
  /// Asks and reports when that is due.
  void step(Micros now);

  [[nodiscard]] const Counters& counters() const { return counters_; }
  /// When each packet came, by its source's number.
  [[nodiscard]] const std::map<uint32_t, Micros>& arrivals() const { return arrivals_; }
  /// Round trip as its own DLRR measurement shows it; nothing before.
  [[nodiscard]] std::optional<Micros> measured_rtt() const { return measured_rtt_; }

 private:
  void take(Bytes payload, SeqNum sequence, bool recovered, Micros now);
  void send_nack();
  void send_report(Micros now);

  SinkSettings settings_;
  TestPeer& peer_;
  rtp::StreamSequence sequence_;
  rtp::Jitter jitter_;
  rtp::NackGenerator nack_;
  rtp::NackRequest request_;
  rtcp::ReceptionStats reception_;
  Micros next_report_{0};
  std::map<uint32_t, Micros> arrivals_;
  std::map<int64_t, uint32_t> by_sequence_;  ///< numbers by extended sequence number
  std::optional<Micros> measured_rtt_;
  Counters counters_;
};

}  // namespace sluice::test
