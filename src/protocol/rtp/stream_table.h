// Which stream of a producer a packet belongs to (media-plane 5.7). A producer has one stream per
// encoding, made when its first packet comes; the packet is told by SSRC, else by RID, else - with
// a single encoding that was announced with neither - by payload type alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace sluice::rtp {

/// One encoding as announced by the producer's RTP parameters.
struct StreamEncoding {
  std::optional<Ssrc> ssrc{};
  std::optional<Ssrc> rtx_ssrc{};
  std::string rid{};  ///< empty for none
  PayloadType payload_type{};
  std::optional<PayloadType> rtx_payload_type{};
  /// RED packets are media packets too.
  std::optional<PayloadType> red_payload_type{};

  [[nodiscard]] bool is_media(PayloadType type) const {
    return type == payload_type || type == red_payload_type;
  }
};

/// What to do with a packet.
struct StreamDecision {
  enum class Action : uint8_t {
    kMedia,         ///< a media packet of the stream
    kRtx,           ///< an RTX packet of the stream
    kCreateMedia,   ///< first packet of the stream: create it, then as kMedia
    kReplaceMedia,  ///< the sender went on with a new SSRC: reset the stream's sequence state, keep
                    ///< its mapped SSRC, let consumers sync again, then as kMedia
    kAttachRtx,     ///< first RTX packet of the stream, then as kRtx
    kDrop,
  };
  enum class Reason : uint8_t {
    kNone,
    kUnknownPayloadType,  ///< not one of the producer's, or not the one of this stream
    kUnknownSsrc,         ///< nothing in the packet tells its stream
    kUnknownRid,
    kSsrcChanged,  ///< the stream has another SSRC and is not silent
    kRtxWithoutMedia,
    kRtxSsrcChanged,  ///< the stream has another RTX SSRC
  };

  Action action = Action::kDrop;
  Reason reason = Reason::kNone;  ///< for kDrop
  uint16_t stream = 0;            ///< index of the encoding, unless dropped

  friend bool operator==(const StreamDecision&, const StreamDecision&) = default;

  [[nodiscard]] bool is_new_media() const {
    return action == Action::kCreateMedia || action == Action::kReplaceMedia;
  }
  /// A video stream can only be shown from a key frame on, so one must be requested at once if the
  /// stream does not begin with it.
  [[nodiscard]] bool needs_key_frame(bool is_video, bool is_key_frame) const {
    return is_new_media() && is_video && !is_key_frame;
  }
};

class StreamTable {
 public:
  /// A stream that was silent for so long may go on with another SSRC.
  static constexpr Micros kReplaceAfter = 2s;

  /// `payload_types`: all payload types of the producer other than RTX.
  StreamTable(std::vector<StreamEncoding> encodings, const std::vector<PayloadType>& payload_types);

  /// Decides about a packet and remembers what it created. `rid` and `repaired_rid` are empty when
  /// absent.
  StreamDecision resolve(Ssrc ssrc, PayloadType payload_type, std::string_view rid,
                         std::string_view repaired_rid, Micros now);

  /// A BYE ended the stream of this media SSRC: another SSRC may take its place at once.
  void on_bye(Ssrc ssrc);

  [[nodiscard]] size_t size() const { return streams_.size(); }
  [[nodiscard]] const StreamEncoding& encoding(size_t stream) const { return encodings_[stream]; }
  /// The SSRC of a stream, once it has been seen.
  [[nodiscard]] std::optional<Ssrc> ssrc(size_t stream) const { return streams_[stream].ssrc; }
  [[nodiscard]] std::optional<Ssrc> rtx_ssrc(size_t stream) const {
    return streams_[stream].rtx_ssrc;
  }

 private:
  struct Stream {
    std::optional<Ssrc> ssrc;
    std::optional<Ssrc> rtx_ssrc;
    Micros last_media{0};
    bool ended = false;
  };

  [[nodiscard]] bool is_media_payload_type(PayloadType payload_type) const;
  StreamDecision create_media(size_t stream, Ssrc ssrc, Micros now);
  StreamDecision attach_rtx(size_t stream, Ssrc ssrc);
  std::optional<StreamDecision> resolve_known(Ssrc ssrc, PayloadType payload_type, Micros now);
  std::optional<StreamDecision> resolve_signalled(Ssrc ssrc, PayloadType payload_type, Micros now);
  StreamDecision resolve_encoding(size_t stream, Ssrc ssrc, PayloadType payload_type, Micros now);

  std::vector<StreamEncoding> encodings_;
  std::vector<Stream> streams_;  ///< one per encoding
  uint64_t payload_types_[2] = {0, 0};
};

}  // namespace sluice::rtp
