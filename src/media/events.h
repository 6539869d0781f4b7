// What the loops tell the control thread about its objects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/socket_address.h"
#include "media/data_message.h"
#include "media/trace.h"
#include "protocol/audio/volume_ranking.h"
#include "protocol/codecs/layer_history.h"
#include "protocol/ortc/transport_parameters.h"

namespace sluice::media {

enum class IceState : uint8_t { kNew, kConnected, kCompleted, kDisconnected, kClosed };
enum class DtlsState : uint8_t { kNew, kConnecting, kConnected, kFailed, kClosed };
enum class SctpState : uint8_t { kNew, kConnecting, kConnected, kFailed, kClosed };

/// "new", "connected", ... as in the object model.
const char* to_string(IceState state);
const char* to_string(DtlsState state);
const char* to_string(SctpState state);

/// Score of one received stream (ortc-model 7.2); `score` is 0..10.
struct ProducerScore {
  uint32_t encoding_index = 0;
  uint32_t ssrc = 0;
  std::string rid;
  uint8_t score = 0;
  friend bool operator==(const ProducerScore&, const ProducerScore&) = default;
};

struct ConsumerScore {
  uint8_t score = 10;
  uint8_t producer_score = 0;
  std::vector<uint8_t> producer_scores;
  friend bool operator==(const ConsumerScore&, const ConsumerScore&) = default;
};

/// From the 3GPP video-orientation extension; rotation in degrees: 0, 90, 180 or 270.
struct VideoOrientation {
  bool camera_back = false;
  bool flip = false;
  uint16_t rotation = 0;
  friend bool operator==(const VideoOrientation&, const VideoOrientation&) = default;
};

struct IceStateChanged {
  IceState state;
};
struct SelectedTupleChanged {
  ortc::TransportTuple tuple;
};
struct DtlsStateChanged {
  DtlsState state;
  std::string remote_certificate_pem;  ///< when connected
  std::string reason;                  ///< when failed
};
/// A packet told where the other end of a plain transport is, or where its RTCP comes from.
struct RemoteLearned {
  SocketAddress remote;
  bool rtcp;
};
struct SctpStateChanged {
  SctpState state;
};
/// SRTP keys protected as many packets as they may (RFC 3711 section 9.2); media has stopped.
struct KeysExhausted {};
/// What a direct transport sends, i.e. what the application gets, in order.
struct DirectPackets {
  struct Packet {
    uint64_t consumer;  ///< handle; 0 for RTCP
    std::vector<uint8_t> bytes;
  };
  std::vector<Packet> packets;
};
using TransportEvent =
    std::variant<IceStateChanged, SelectedTupleChanged, DtlsStateChanged, RemoteLearned,
                 DirectPackets, SctpStateChanged, KeysExhausted, TraceEvent>;

struct ProducerScoreChanged {
  std::vector<ProducerScore> score;
};
struct VideoOrientationChanged {
  VideoOrientation orientation;
};
using ProducerEvent = std::variant<ProducerScoreChanged, VideoOrientationChanged, TraceEvent>;

struct ConsumerScoreChanged {
  uint8_t score;  ///< of the sent stream, 0..10
};
struct ConsumerLayersChanged {
  codecs::Layers current;  ///< -1 in both when nothing goes out
};
using ConsumerEvent = std::variant<ConsumerScoreChanged, ConsumerLayersChanged, TraceEvent>;

/// Messages for the peer, or for the application, were dropped: too much waits already.
struct SctpSendBufferFull {};
/// What waits for the peer's acknowledgement fell to the threshold or below.
struct BufferedAmountLow {
  size_t amount;  ///< bytes
};
/// For data consumers whose messages go to the application.
struct DataMessageReceived {
  SharedMessage message;
};
using DataConsumerEvent = std::variant<SctpSendBufferFull, BufferedAmountLow, DataMessageReceived>;

/// The end of an interval of an audio level observer: who was loud, loudest first.
struct VolumesMeasured {
  std::vector<audio::Volume> volumes;
};
/// Nobody is loud any longer.
struct SilenceBegan {};
struct DominantSpeakerChanged {
  uint64_t producer;  ///< handle
};
using ObserverEvent = std::variant<VolumesMeasured, SilenceBegan, DominantSpeakerChanged>;

}  // namespace sluice::media
