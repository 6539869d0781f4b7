// A producer on the loop of its transport: sorts packets into streams, brings them to router scope
// and hands them to its fan-out; asks the sender for key frames and for lost packets.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/types.h"
#include "media/audio_tap.h"
#include "media/dump.h"
#include "media/events.h"
#include "media/loop_setup.h"
#include "media/recv_stream.h"
#include "net/packet.h"
#include "protocol/codecs/red.h"
#include "protocol/rtcp/key_frame_requester.h"
#include "protocol/rtcp/report_schedule.h"
#include "protocol/rtcp/reports.h"
#include "protocol/rtp/header_template.h"
#include "protocol/rtp/packet_view.h"
#include "protocol/rtp/stream_table.h"

namespace sluice::media {

class Fanout;
class RtpSession;

class LoopProducer {
 public:
  LoopProducer(const ProducerSetup& setup, RtpSession& session, Fanout& fanout);
  LoopProducer(const LoopProducer&) = delete;
  LoopProducer& operator=(const LoopProducer&) = delete;

  /// What a packet turned out to be.
  enum class PacketKind : uint8_t { kUnknown, kMedia, kRtx };

  /// A decrypted packet of this producer. `packet` was parsed from the buffer's data. kUnknown when
  /// it belongs to none of its streams.
  PacketKind on_rtp(net::PacketRef buffer, const rtp::PacketView& packet, Micros now);

  void set_paused(bool paused, Micros now);
  /// A consumer needs a key frame of that stream, or of all.
  void request_key_frame(std::optional<uint8_t> stream, Micros now);
  /// Worst loss that a consumer on some loop reported lately, 0..255, for in-band FEC.
  void on_consumer_loss(unsigned loop, uint8_t fraction);

  // From the sender.
  void on_sender_report(Ssrc ssrc, const rtcp::SenderInfo& info, Micros now);
  void on_bye(Ssrc ssrc, Micros now);
  void on_dlrr(const rtcp::DlrrItem& item, uint32_t ntp_now);
  /// Of the path to the sender, by which repetitions of requests are timed; 0 while unknown.
  void set_round_trip_time(Micros rtt) { round_trip_time_ = rtt; }
  /// Whether packets of that SSRC, media or RTX, are or were a stream's: their SRTP state is kept.
  [[nodiscard]] bool has_stream(Ssrc ssrc) const;

  /// Appends the report blocks that are due. True when there were some.
  bool add_reports(std::vector<rtcp::ReportBlock>& blocks, Micros now);

  [[nodiscard]] std::optional<Micros> next_timeout() const;
  void on_timeout(Micros now);

  /// What an observer hears of it from now on, until that is removed.
  void add_tap(const AudioTap& tap) { taps_.add(tap); }
  void remove_tap(Handle observer) { taps_.remove(observer); }
  /// What the observer has heard; nothing without a tap for it.
  std::optional<AudioSample> take_sample(Handle observer, Micros now);

  void set_traces(TraceSet traces) { traces_ = traces; }
  [[nodiscard]] std::vector<RtpStreamStats> stats(Micros now) const;
  [[nodiscard]] std::vector<RtpStreamDump> dump() const;
  [[nodiscard]] const ProducerSetup& setup() const { return setup_; }
  [[nodiscard]] Fanout& fanout() { return fanout_; }
  /// Every SSRC that `has_stream` knows.
  [[nodiscard]] std::vector<Ssrc> received_ssrcs() const;

 private:
  RecvStream* find_stream(Ssrc ssrc) const;
  void retire(Ssrc ssrc);
  RecvStream& open_stream(uint16_t index, Ssrc ssrc, Micros now);
  void on_rtx(net::PacketRef buffer, const rtp::PacketView& rtx, uint16_t index, Micros now);
  [[nodiscard]] bool is_red(const rtp::PacketView& packet) const {
    return setup_.red && packet.payload_type().value == setup_.red->payload_type;
  }
  [[nodiscard]] PayloadType mapped_payload_type(const rtp::PacketView& packet) const;
  /// The payload types inside RED become the router's.
  codecs::PayloadInfo parse_payload(net::Packet& buffer, RecvStream& stream,
                                    const rtp::PacketView& packet) const;
  void finish_packet(RecvStream& stream, const codecs::PayloadInfo& payload,
                     const RecvStream::Outcome& outcome, Micros now);
  void forward(net::PacketRef buffer, const rtp::PacketView& packet, uint16_t stream,
               const codecs::PayloadInfo& payload, bool restarted, Micros now);
  void send_nacks(RecvStream& stream, Micros now);
  void send_key_frame_requests();
  void trace_packet(const rtp::PacketView& packet, const codecs::PayloadInfo& payload, bool rtx);
  void trace(TraceType type, TraceInfo info);
  void watch_orientation(const rtp::PacketView& packet);
  void feed_taps(const rtp::PacketView& packet, Micros now);
  void report_score();

  ProducerSetup setup_;
  RtpSession& session_;
  Fanout& fanout_;
  rtp::IngressMapping ingress_;
  std::vector<codecs::RedPayloadType> red_payload_types_;  ///< of what RED may carry
  rtp::StreamTable table_;
  std::vector<std::unique_ptr<RecvStream>> streams_;  ///< by encoding, null until it is seen
  /// SSRCs that were replaced, oldest first: what they sent must not be taken a second time.
  std::vector<Ssrc> retired_;
  rtcp::KeyFrameRequester key_frames_;
  /// The stream whose key frame is being handled: whoever asks for one now is about to get it.
  std::optional<size_t> key_frame_in_hand_;
  rtcp::ReportInterval report_interval_;
  uint8_t fir_sequence_ = 0;
  TraceSet traces_;
  Micros round_trip_time_{0};
  std::optional<VideoOrientation> orientation_;
  std::vector<uint8_t> consumer_loss_;  ///< by loop
  AudioTaps taps_;
};

}  // namespace sluice::media
