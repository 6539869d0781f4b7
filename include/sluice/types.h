// Values that objects tell of themselves. What two ends of a connection exchange, i.e. RTP
// parameters and capabilities, ICE, DTLS, SCTP and SRTP parameters, is JSON in the shapes that
// mediasoup and mediasoup-client share, and passes through a program as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Bytes of a packet or message.
using Bytes = std::span<const uint8_t>;

enum class MediaKind : uint8_t { kAudio, kVideo };

/// How a producer sends: one stream, several of different quality, or one with layers. Consumers
/// are of their producer's type; those that send all of its streams are kPipe.
enum class StreamType : uint8_t { kSimple, kSimulcast, kSvc, kPipe };

enum class TransportType : uint8_t { kWebRtc, kPlain, kPipe, kDirect };

/// Whether messages go over SCTP, or to and from the application.
enum class DataType : uint8_t { kSctp, kDirect };

enum class ObserverType : uint8_t { kAudioLevel, kActiveSpeaker };

enum class IceState : uint8_t { kNew, kConnected, kCompleted, kDisconnected, kClosed };
enum class DtlsState : uint8_t { kNew, kConnecting, kConnected, kFailed, kClosed };
enum class SctpState : uint8_t { kNew, kConnecting, kConnected, kFailed, kClosed };

enum class TransportProtocol : uint8_t { kUdp, kTcp };

// Names as JSON has them, e.g. "video", "simulcast", "webrtc", "sctp", "audiolevel", "connected",
// "udp".
[[nodiscard]] std::string_view to_string(MediaKind kind);
[[nodiscard]] std::string_view to_string(StreamType type);
[[nodiscard]] std::string_view to_string(TransportType type);
[[nodiscard]] std::string_view to_string(DataType type);
[[nodiscard]] std::string_view to_string(ObserverType type);
[[nodiscard]] std::string_view to_string(IceState state);
[[nodiscard]] std::string_view to_string(DtlsState state);
[[nodiscard]] std::string_view to_string(SctpState state);
[[nodiscard]] std::string_view to_string(TransportProtocol protocol);

/// The two ends of a flow.
struct TransportTuple {
  std::string local_address;  ///< as announced: IPv4 or IPv6 literal, or a host name
  uint16_t local_port = 0;
  std::string remote_ip;     ///< empty while no remote is known
  uint16_t remote_port = 0;  ///< 0 while no remote is known
  TransportProtocol protocol = TransportProtocol::kUdp;

  friend bool operator==(const TransportTuple&, const TransportTuple&) = default;
};

/// How well one stream of a producer arrives.
struct ProducerScore {
  uint32_t encoding_index = 0;  ///< among `encodings` of the producer's RTP parameters
  uint32_t ssrc = 0;
  std::string rid;    ///< empty without
  uint8_t score = 0;  ///< 0 (nothing comes) to 10

  friend bool operator==(const ProducerScore&, const ProducerScore&) = default;
};

/// How well a consumer's stream arrives at the receiver; scores are 0 to 10.
struct ConsumerScore {
  uint8_t score = 10;
  uint8_t producer_score = 0;            ///< of the producer's stream that it gets
  std::vector<uint8_t> producer_scores;  ///< of each encoding of the producer

  friend bool operator==(const ConsumerScore&, const ConsumerScore&) = default;
};

/// Layers of simulcast and SVC, counted from 0, the lowest quality.
struct Layers {
  uint8_t spatial = 0;
  uint8_t temporal = 0;

  friend bool operator==(const Layers&, const Layers&) = default;
};

/// The most that a consumer is to get.
struct LayersRequest {
  uint8_t spatial = 0;
  std::optional<uint8_t> temporal;  ///< nothing: the highest
};

/// From the video-orientation header extension (3GPP TS 26.114).
struct VideoOrientation {
  bool camera_back = false;
  bool flip = false;
  uint16_t rotation = 0;  ///< degrees: 0, 90, 180 or 270

  friend bool operator==(const VideoOrientation&, const VideoOrientation&) = default;
};

}  // namespace sluice
