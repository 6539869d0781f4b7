// One received RTP stream of a producer, with its RTX: acceptance, loss, NACK, jitter, score and
// counters (media-plane 5.8, 6.4, 6.8, 6.10). Sans-IO; what it wants sent goes through `Feedback`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/types.h"
#include "media/dump.h"
#include "media/fanout.h"
#include "media/loop_setup.h"
#include "media/stats.h"
#include "media/stream_counters.h"
#include "protocol/codecs/payload.h"
#include "protocol/rtcp/extended_report.h"
#include "protocol/rtcp/inactivity.h"
#include "protocol/rtcp/reception_stats.h"
#include "protocol/rtcp/round_trip.h"
#include "protocol/rtcp/score.h"
#include "protocol/rtp/jitter.h"
#include "protocol/rtp/nack_generator.h"
#include "protocol/rtp/packet_view.h"
#include "protocol/rtp/sequence_window.h"
#include "protocol/rtp/stream_sequence.h"

namespace sluice::media {

class RecvStream {
 public:
  /// What a packet leads to.
  struct Outcome {
    bool forward = false;
    bool restarted = false;      ///< the numbering started over
    bool score_changed = false;  ///< the stream came back to life
  };

  RecvStream(const ProducerEncoding& encoding, uint32_t encoding_index, const ProducerCodec& codec,
             Ssrc ssrc, bool watch_inactivity, Micros now);

  /// A media packet. What is to be requested is appended to `nacks`.
  Outcome on_media(const rtp::PacketView& packet, bool key_frame, Micros now,
                   rtp::NackRequest& nacks);
  /// An RTX packet, before it is decoded. False: drop it.
  bool accept_rtx(const rtp::PacketView& rtx, Micros now);
  /// What an RTX packet was decoded to.
  Outcome on_recovered(const rtp::PacketView& packet, bool key_frame, Micros now,
                       rtp::NackRequest& nacks);
  /// The sender goes on with another SSRC.
  void replace(Ssrc ssrc, Micros now);
  void set_rtx_ssrc(Ssrc ssrc) { rtx_ssrc_ = ssrc; }
  /// The producer was paused: what was missing is no longer asked for.
  void on_pause();

  [[nodiscard]] std::optional<Micros> next_timeout() const;
  /// `rtt`: of the path, 0 while unknown. True when the score changed.
  bool on_timeout(Micros now, Micros rtt, rtp::NackRequest& nacks);

  /// Whether a sender report is taken now. Senders report about once a second; what comes far more
  /// often says nothing new, and each would cost the loops and the listeners a little.
  bool takes_sender_report(Micros now);
  /// True when the score changed.
  bool on_sender_report(const rtcp::SenderInfo& info, Micros now);
  void on_rtx_sender_report(const rtcp::SenderInfo& info, Micros now);
  /// The sender answered our reference time.
  void on_dlrr(const rtcp::DlrrItem& item, uint32_t ntp_now) {
    round_trip_.on_report(ntp_now, item.last_rr, item.delay_since_rr);
  }
  /// The sender ended the stream. Should it send again all the same, the stream is back. True when
  /// the score changed.
  bool on_bye(Micros now);

  /// Report blocks for the next receiver report: of the stream, and of its RTX when there is one.
  rtcp::ReportBlock make_report(Micros now, uint8_t worst_remote_fraction);
  std::optional<rtcp::ReportBlock> make_rtx_report(Micros now);

  [[nodiscard]] Ssrc ssrc() const { return ssrc_; }
  /// Counts, modulo 256, how often the SSRC was replaced.
  [[nodiscard]] uint8_t source() const { return source_; }
  [[nodiscard]] std::optional<Ssrc> rtx_ssrc() const { return rtx_ssrc_; }
  [[nodiscard]] uint8_t score() const { return score_.value(); }
  [[nodiscard]] ProducerScore producer_score() const;
  /// What consumers choose by.
  [[nodiscard]] StreamUpdate update() const;
  [[nodiscard]] RtpStreamStats stats(Micros now) const;
  /// Without the CNAME, which belongs to the producer.
  [[nodiscard]] RtpStreamDump dump() const;
  [[nodiscard]] const ProducerCodec& codec() const { return codec_; }
  [[nodiscard]] codecs::PayloadParser& parser() { return parser_; }
  void count_nack(size_t packets) { counters_.count_nack(packets); }
  void count_key_frame_request(bool fir) { counters_.count_key_frame_request(fir); }

 private:
  /// The part that media and recovered packets share. False: drop the packet.
  bool accept(const rtp::PacketView& packet, Micros now, Outcome& outcome);
  void restart();

  ProducerEncoding encoding_;
  uint32_t encoding_index_;
  ProducerCodec codec_;
  Ssrc ssrc_;
  uint8_t source_ = 0;
  std::optional<Ssrc> rtx_ssrc_;
  codecs::PayloadParser parser_;

  rtp::StreamSequence sequence_;
  rtp::StreamSequence rtx_sequence_;
  rtp::SequenceWindow forwarded_;
  rtp::Jitter jitter_;
  rtp::NackGenerator nack_;
  rtcp::ReceptionStats reception_;
  rtcp::ReceptionStats rtx_reception_;
  rtcp::ReceiveScore score_;
  rtcp::InactivityWatch activity_;
  bool ended_ = false;                      ///< by BYE, until another packet comes
  std::optional<layers::ClockPair> clock_;  ///< of the newest sender report
  std::optional<Micros> reported_at_;       ///< when that came
  rtcp::RoundTrip round_trip_;
  StreamCounters counters_;
  uint64_t retransmitted_ = 0, repaired_ = 0;
};

}  // namespace sluice::media
