// The sending half of a client, for one stream: frames at a steady pace, answers to NACK, PLI and
// reference times, sender reports. Every packet carries a number that a MediaSink finds again.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "support/test_peer.h"

namespace sluice::test {

struct SourceSettings {
  uint32_t ssrc = 0;
  uint32_t rtx_ssrc = 0;  ///< 0: a NACK is answered with the same bytes again
  uint8_t payload_type = 0;
  uint8_t rtx_payload_type = 0;
  bool video = false;  ///< VP8, unless there are spatial layers; audio has one packet per frame
  uint32_t clock_rate = 90000;
  Micros frame_interval = 33ms;
  size_t frame_size = 5000;
  size_t key_frame_size = 20000;
  /// VP9 with as many spatial layers, of so many bytes in a picture and three times that in a key
  /// picture, instead of the two sizes above.
  std::vector<size_t> spatial_layers;
  /// Spatial layers refer to each other in key pictures only.
  bool key_frame_svc = false;
  /// Payload bytes of a packet, at most.
  size_t packet_size = 1100;
  // Of header extensions, 0 for none.
  uint8_t transport_cc_id = 0;
  uint8_t abs_send_time_id = 0;
  /// Encodes at nine tenths of what REMB allows, up to this rate; 0: frames stay as they are.
  BitRate remb_ceiling{};
  uint16_t first_sequence = 1;
};

class MediaSource {
 public:
  /// Packets carry their number in the payload, from its fourth byte on.
  static constexpr size_t kNumberOffset = 4;

  struct Counters {
    uint64_t nacked = 0;  ///< packets asked for
    uint64_t retransmitted = 0;
    uint64_t key_frame_requests = 0;
  };

  /// `transport_sequence` is shared by all sources of a peer.
  MediaSource(const SourceSettings& settings, TestPeer& peer, uint16_t& transport_sequence);

  /// Sends what is due: frames, reports.
  void step(Micros now);
  void on_rtcp(Bytes compound, Micros now);
  void set_frame_size(size_t bytes) { settings_.frame_size = bytes; }
  void stop() { stopped_ = true; }

  [[nodiscard]] const SourceSettings& settings() const { return settings_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  /// When each packet was sent first, by its number.
  [[nodiscard]] const std::vector<Micros>& sent() const { return sent_; }
  /// What the last REMB said.
  [[nodiscard]] std::optional<BitRate> remb() const { return remb_; }
  /// What the last reception report said.
  [[nodiscard]] uint8_t fraction_lost() const { return fraction_lost_; }

 private:
  struct Kept {
    RtpFields fields;
    Buffer protected_bytes;  ///< only without RTX
  };

  /// One frame of one spatial layer.
  struct Layer {
    bool key_frame = false;
    uint8_t spatial = 0;
    bool highest = true;
    size_t size = 0;
  };

  void send_frame(Micros now);
  void send_layer(const Layer& layer, Micros now);
  void send_packet(RtpFields fields, Micros now);
  void resend(SeqNum sequence, Micros now);
  void add_extensions(RtpFields& fields, Micros now);
  void send_report(Micros now);
  void on_remb(BitRate rate);
  [[nodiscard]] Buffer make_payload(const Layer& layer, bool first, bool last, size_t size) const;
  void write_descriptor(const Layer& layer, bool first, bool last, Buffer& payload) const;

  SourceSettings settings_;
  TestPeer& peer_;
  uint16_t& transport_sequence_;
  bool stopped_ = false;
  bool key_frame_wanted_ = true;
  Micros started_{0};
  Micros next_frame_{0};
  Micros next_report_{0};
  uint16_t next_sequence_;
  uint16_t next_rtx_sequence_ = 100;
  uint8_t picture_ = 0;  ///< with spatial layers
  uint64_t octets_ = 0;
  std::deque<Kept> kept_;
  std::vector<Micros> sent_;
  uint8_t fraction_lost_ = 0;
  std::optional<BitRate> remb_;
  struct Reference {
    uint32_t ssrc = 0;
    uint32_t compact = 0;
    Micros at{0};
  };
  std::vector<Reference> references_;  ///< to answer with the next report
  Counters counters_;
};

}  // namespace sluice::test
