// One RTP stream towards a receiver, with its RTX: composes and encrypts what a consumer decided to
// send, remembers it, sends it again on NACK, and counts (media-plane 5.4, 6.5, 6.8, 12.8). The
// counterpart of RecvStream; every kind of consumer has one.
//
// Hot path: `send` allocates nothing, locks nothing, and calls nothing virtual.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/types.h"
#include "media/dump.h"
#include "media/forwarded_packet.h"
#include "media/loop_setup.h"
#include "media/stats.h"
#include "media/stream_counters.h"
#include "media/trace.h"
#include "protocol/codecs/payload.h"
#include "protocol/layers/switch_timestamp.h"
#include "protocol/rtcp/nack.h"
#include "protocol/rtcp/ntp_time.h"
#include "protocol/rtcp/report_schedule.h"
#include "protocol/rtcp/reports.h"
#include "protocol/rtcp/round_trip.h"
#include "protocol/rtcp/score.h"
#include "protocol/rtp/header_template.h"
#include "protocol/rtp/retransmission_history.h"
#include "protocol/rtp/rtx.h"
#include "protocol/srtp/outbound.h"

namespace sluice::media {

class Egress;
class Fanout;
class RtpSession;

class SendStream {
 public:
  /// `setup` is the consumer's, which outlives this.
  SendStream(const ConsumerSetup& setup, RtpSession& session, Fanout& fanout);
  ~SendStream();
  SendStream(const SendStream&) = delete;
  SendStream& operator=(const SendStream&) = delete;

  /// Sends a packet under the number and the timestamp that the consumer chose, with the marker and
  /// the rewrites of `decision`.
  void send(const ForwardedPacket& packet, SeqNum sequence, Timestamp timestamp,
            const codecs::PayloadProcessor::Decision& decision, const SendTime& time);

  /// Whether packets must stay in the fan-out's history.
  [[nodiscard]] bool wants_history() const { return history_ != nullptr; }
  /// What was sent can no longer be repeated: the consumer paused, or its numbers started over.
  void clear_history();

  /// The transport has keys, or needs none. False when it waits for some.
  bool connect();

  // From the receiver.
  void count_nack(const rtcp::Nack& nack);
  /// Sends again what is asked for, as far as the session's budget for that goes: of too much, the
  /// oldest packets are left out.
  void on_nack(const rtcp::Nack& nack, Micros now);
  void on_key_frame_request(bool fir);
  /// `ntp_now`: compact NTP time of arrival. True when the score changed.
  bool on_report_block(const rtcp::ReportBlock& block, uint32_t ntp_now, Micros now);

  /// Content of a sender report when one is due; nothing before the first packet.
  std::optional<rtcp::SenderInfo> take_sender_info(Micros now, const rtcp::NtpClock& clock);

  /// What goes out comes from another received stream from now on: its quality is not yet known.
  void on_source_changed(Micros now) { score_.reset(rtcp::kMaxScore, now); }

  [[nodiscard]] uint8_t score() const { return score_.value(); }
  /// Since when the score has not been 0.
  [[nodiscard]] Micros active_since() const { return score_.active_since(); }
  [[nodiscard]] uint32_t clock_rate() const { return setup_.clock_rate; }
  /// Nothing before the first packet.
  [[nodiscard]] std::optional<layers::SentTime> sent_time(Micros now) const;
  [[nodiscard]] Micros round_trip_time() const { return round_trip_.value(); }
  [[nodiscard]] uint8_t fraction_lost() const { return fraction_lost_; }
  void set_traces(TraceSet traces) { traces_ = traces; }
  [[nodiscard]] RtpStreamStats stats(Micros now) const;
  [[nodiscard]] RtpStreamDump dump() const;

 private:
  /// What is needed to send a packet once more.
  struct Sent {
    uint32_t source = 0;
    uint16_t frame_number = 0;
    uint8_t rewrite_size : 4 = 0;
    uint8_t rewrite_skip : 4 = 0;
    bool has_frame_number : 1 = false;
    bool marker : 1 = false;
    std::array<uint8_t, codecs::PayloadRewrite::kCapacity> rewrite{};
  };
  static_assert(sizeof(Sent) == 16);

  /// Protected bytes, for streams without RTX: under GCM a packet may only be repeated as it was.
  struct Kept;

  static Sent to_record(const codecs::PayloadProcessor::Decision& decision, uint32_t source);
  /// The next transport-wide number, for a packet that carries one.
  [[nodiscard]] std::optional<SeqNum> take_wide(const rtp::HeaderTemplate& header);
  [[nodiscard]] size_t resend_size(SeqNum sequence) const;
  bool resend(SeqNum sequence, Timestamp timestamp, const Sent& sent, const SendTime& time);
  bool resend_kept(SeqNum sequence, const Sent& sent, Micros now);
  /// `size`: of the packet without protection; `payload_size`: what follows its header.
  void trace_packet(const MediaPacket& packet, const rtp::HeaderPatch& patch, size_t size,
                    size_t payload_size, bool rtx);
  /// For bytes that are repeated as they were.
  void trace_kept(Bytes bytes, const Sent& sent);
  void trace(TraceType type, TraceInfo info);

  // Read or written for every packet.
  RtpSession& session_;
  Egress& egress_;
  /// Null until the transport has keys, and for good without SRTP.
  srtp::OutboundStream* stream_ = nullptr;
  Ssrc ssrc_;
  bool video_;
  bool shares_rate_;
  TraceSet traces_;
  rtp::ConsumerHeader header_;
  StreamCounters counters_;
  uint64_t octets_ = 0;  ///< of payload, for sender reports
  uint64_t discarded_ = 0;
  Timestamp max_timestamp_;
  Micros max_timestamp_at_{0};
  std::unique_ptr<rtp::RetransmissionHistory<Sent>> history_;
  std::unique_ptr<Kept> kept_;

  Fanout& fanout_;
  const ConsumerSetup& setup_;
  std::optional<rtp::RtxCounter> rtx_numbers_;
  srtp::OutboundStream* rtx_stream_ = nullptr;
  rtcp::SendScore score_;
  std::optional<Micros> scored_at_;
  rtcp::RoundTrip round_trip_;
  rtcp::ReportInterval report_interval_;
  uint8_t fraction_lost_ = 0;
  int64_t packets_lost_ = 0;
};

}  // namespace sluice::media
