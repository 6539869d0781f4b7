// The parameters with which the control thread has objects made on a loop. Plain values, copied
// into commands.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "protocol/audio/volume_ranking.h"
#include "protocol/bwe/rate_feedback.h"
#include "protocol/bwe/rate_limits.h"
#include "protocol/codecs/codec.h"
#include "protocol/codecs/layer_history.h"
#include "protocol/ice/agent.h"
#include "protocol/layers/layer_rates.h"
#include "protocol/rtp/extension_kind.h"
#include "protocol/sctp/options.h"

namespace sluice::media {

/// Names an object on the loops; unique in the engine, never reused, 0 is nothing.
using Handle = uint64_t;

struct WebRtcSetup {
  Handle handle = 0;
  ice::Credentials credentials;
  Micros consent_timeout = 30s;
  /// Nothing without SCTP.
  std::optional<sctp::Options> sctp;
  /// Where the estimate of what the peer may be sent begins.
  BitRate initial_outgoing = bwe::RateLimits::kDefaultInitial;
};

/// A plain or pipe transport, which has UDP sockets of its own: indices in the loop.
struct UdpSetup {
  Handle handle = 0;
  uint8_t socket = 0;
  /// When RTCP does not come with RTP.
  std::optional<uint8_t> rtcp_socket;
  bool comedia = false;
  bool srtp = false;
  /// Nothing without SCTP.
  std::optional<sctp::Options> sctp;
};

struct DirectSetup {
  Handle handle = 0;
};

/// One media codec of a producer, with its RTX when there is one.
struct ProducerCodec {
  uint8_t payload_type = 0;
  uint8_t mapped_payload_type = 0;
  int rtx_payload_type = -1;
  codecs::Codec codec = codecs::Codec::kOther;
  uint32_t clock_rate = 0;
  bool nack = false, pli = false, fir = false;
  bool in_band_fec = false;
  std::string mime_type;
};

/// RED of a producer (RFC 2198): packets that carry what its codecs encoded, more than once.
struct ProducerRed {
  uint8_t payload_type = 0;
  uint8_t mapped_payload_type = 0;
};

struct ProducerEncoding {
  uint32_t ssrc = 0;      ///< 0 when not signalled
  uint32_t rtx_ssrc = 0;  ///< 0 when not signalled
  std::string rid;
  uint32_t mapped_ssrc = 0;
  uint8_t payload_type = 0;
  bool dtx = false;
  uint8_t spatial_layers = 1, temporal_layers = 1;
};

struct ProducerSetup {
  Handle handle = 0;
  Handle transport = 0;
  bool video = false;
  bool paused = false;
  std::string mid;
  std::string cname;
  std::vector<ProducerCodec> codecs;
  std::optional<ProducerRed> red{};
  std::vector<ProducerEncoding> encodings;
  /// The producer's own extension ids by kind; 0 when not negotiated.
  rtp::ExtensionIds extension_ids;
  /// How its sender learns what gets through; nothing when neither way was negotiated.
  std::optional<bwe::RateFeedback> rate_feedback;
  Micros key_frame_request_delay{0};
};

/// What an RTP observer tells (ortc-model 1.15).
enum class ObserverKind : uint8_t {
  kAudioLevel,     ///< how loud the loudest are
  kActiveSpeaker,  ///< who dominates the conversation
};

struct ObserverSetup {
  Handle handle = 0;
  ObserverKind kind = ObserverKind::kAudioLevel;
  Millis interval{1000};
  audio::AudioLevelOptions levels;  ///< of kAudioLevel
};

/// How a consumer chooses among what its producer sends (ortc-model 4.1).
enum class ConsumerType : uint8_t {
  kSimple,     ///< the one stream there is
  kSimulcast,  ///< one of several streams
  kSvc,        ///< some layers of one stream
  kPipe,       ///< one given stream, with everything in it
};

/// A consumer on its loop. A pipe consumer has one for each stream of its producer.
struct ConsumerSetup {
  Handle handle = 0;
  Handle transport = 0;
  Handle producer = 0;
  unsigned producer_loop = 0;
  bool video = false;
  bool paused = false;
  bool producer_paused = false;
  bool ignore_dtx = false;
  uint32_t ssrc = 0;
  uint32_t rtx_ssrc = 0;  ///< 0 without RTX
  int rtx_payload_type = -1;
  /// Payload types of media, and of RED, that the receiver can take; they are the router's.
  std::vector<uint8_t> payload_types;
  codecs::Codec codec = codecs::Codec::kOther;
  uint32_t clock_rate = 0;
  ConsumerType type = ConsumerType::kSimple;
  uint8_t spatial_layers = 1, temporal_layers = 1;
  bool key_frame_svc = false;
  uint8_t stream = 0;  ///< kPipe: which of the producer's
  /// Layers to get at most; for kSimulcast and kSvc.
  codecs::Layers preferred_layers;
  /// The producer's streams, by encoding.
  std::vector<layers::LayerRates::Options> streams;
  std::string mime_type;
  bool nack = false, pli = false, fir = false;
  std::string mid;
  std::string cname;
  /// Which header extensions the receiver negotiated.
  rtp::ExtensionMask extensions;
  /// How the receiver lets us know what gets through; nothing when neither way was negotiated.
  std::optional<bwe::RateFeedback> rate_feedback;
  /// Its weight when the transport's rate is shared, 1..255.
  uint8_t priority = 1;
  /// Bits per second that the producer's encoders go up to; 0 when not signalled.
  uint32_t max_bitrate = 0;

  /// Whether it takes part when the rate of its transport is shared (ortc-model 4.5). What does not
  /// is sent all the same, and less is left to share.
  [[nodiscard]] bool shares_rate() const { return video && type != ConsumerType::kPipe; }
};

}  // namespace sluice::media
