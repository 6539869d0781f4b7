// What is measured: the streams of one or more senders, tick by tick, and which of their packets
// each receiver gets.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "protocol/codecs/codec.h"
#include "protocol/codecs/layer_history.h"
#include "support/test_peer.h"

namespace sluice::bench {

inline constexpr uint8_t kPayloadType = 96;
/// The senders' ids of header extensions; audio alone carries a level.
inline constexpr uint8_t kAudioLevelId = 1;
inline constexpr uint8_t kTransportCcId = 3;

enum class Kind : uint8_t {
  kVideo,      ///< one VP8 stream; everybody gets everything
  kSimulcast,  ///< three VP8 streams of one picture; receivers are spread over their layers
  kSvc,        ///< one VP9 stream, L3T3_KEY; receivers are spread over its layers
  kAudio,      ///< Opus of several speakers; everybody gets everyone
};

/// Packets of one spatial layer of a picture, or of one speaker.
struct LayerShape {
  unsigned packets = 1;
  unsigned size = 0;  ///< bytes of RTP, before protection; of speech, on average
};

struct Workload {
  Kind kind = Kind::kVideo;
  std::string_view name;
  /// What is sent to whom, for people.
  std::string_view description;
  /// What its ratio to the floor should not exceed.
  double target = 0;
  unsigned senders = 1;
  unsigned receivers = 100;
  /// By spatial layer, lowest first.
  std::vector<LayerShape> layers;
  uint8_t temporal_layers = 1;

  [[nodiscard]] codecs::Codec codec() const;
  [[nodiscard]] uint32_t clock_rate() const { return kind == Kind::kAudio ? 48000 : 90000; }
  [[nodiscard]] bool video() const { return kind != Kind::kAudio; }
  /// RTP streams of all senders.
  [[nodiscard]] size_t streams() const {
    return kind == Kind::kSimulcast ? layers.size() : senders;
  }
  /// The layers that a receiver is to get.
  [[nodiscard]] codecs::Layers target_layers(size_t receiver) const;
};

/// All workloads, with their usual shapes.
std::vector<Workload> workloads();

inline uint32_t ssrc_of_stream(size_t stream) {
  return 0x51510000 + 0x10 * static_cast<uint32_t>(stream);
}

/// Packets of equal size that one sender sends at once, all of one layer.
struct Train {
  unsigned sender = 0;
  size_t stream = 0;
  codecs::Layers layers;
  bool key_frame = false;
  size_t payload_size = 0;
  std::vector<test::Buffer> packets;
};

/// Whether a receiver with these layers gets the packets of a train.
bool gets(const Workload& workload, codecs::Layers target, const Train& train);

/// Plain packets as they come from browsers.
class Source {
 public:
  explicit Source(const Workload& workload);

  /// The next picture or 20 ms of sound of every sender. Begins with a key frame where there are
  /// any; more only if asked for.
  const std::vector<Train>& next_tick(bool key_frame);

 private:
  struct Stream {
    unsigned sender = 0;
    uint16_t sequence = 1;
  };

  Train make_train(size_t stream, int8_t spatial, bool key_frame);
  /// By so many bytes a packet of speech is larger than the average.
  int vary();
  void write_descriptor(const Train& train, bool begins, bool ends, uint8_t* payload) const;

  Workload workload_;
  std::vector<Stream> streams_;
  std::vector<uint16_t> transport_sequences_;  ///< by sender
  uint32_t timestamp_ = 90'000;
  uint16_t picture_id_ = 0;
  uint8_t tl0_ = 0;
  uint8_t position_ = 0;  ///< in the pattern of temporal layers
  bool started_ = false;
  std::minstd_rand speech_;
  std::vector<Train> trains_;
};

}  // namespace sluice::bench
