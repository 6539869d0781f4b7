// What the engine reads from one packet's payload, and what it changes in it for one consumer.
//
// A PayloadParser belongs to a received stream and parses each packet once; a PayloadProcessor
// belongs to a consumer and decides from that, per packet, whether the packet goes out and with
// which bytes changed. Neither allocates per packet.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>

#include "base/bytes.h"
#include "protocol/codecs/codec.h"

namespace sluice::codecs {

/// One parsed packet. Which of the fields below the first block mean something depends on the
/// codec.
struct PayloadInfo {
  Codec codec = Codec::kOther;
  bool key_frame = false;       ///< this packet starts a key frame
  bool has_descriptor = false;  ///< the payload descriptor could be parsed
  bool dtx = false;             ///< Opus: marks silence only
  uint8_t spatial_layer = 0;
  uint8_t temporal_layer = 0;

  bool has_temporal_layer = false;
  bool layer_sync = false;  ///< VP8 Y, VP9 U, H265: a receiver may switch up to this layer here
  bool layer_sync_above = false;  ///< H265: and to all layers above
  bool start_of_frame = false, end_of_frame = false;
  bool inter_picture_predicted = false;  ///< VP9 P
  bool has_picture_id = false, has_tl0 = false;
  uint16_t picture_id = 0;  ///< VP8, VP9: 15 bits, also when the packet has only the lower 7
  uint8_t tl0_picture_index = 0;
  uint8_t descriptor_size = 0;    ///< VP8: bytes of the payload descriptor
  uint8_t picture_id_offset = 0;  ///< VP8: where the picture id stands in the payload
  uint8_t picture_id_size = 0;    ///< VP8, VP9: 1 or 2 bytes
  uint8_t tl0_offset = 0;         ///< VP8

  // From the dependency descriptor.
  bool has_frame_number = false;
  bool has_dependencies = false;  ///< layers, frame limits and key frame come from it
  uint16_t frame_number = 0;
  /// Bit t: a receiver of this spatial layer may take up temporal layer t behind this frame.
  uint8_t switch_temporal_layers = 0;
  /// Bit s: receivers of spatial layer s need this frame.
  uint8_t needed_by_spatial_layers = 0xff;

  // RED (RFC 2198): the rest is about the primary block, which begins there and is of this payload
  // type. 0 for other packets.
  uint8_t primary_payload_type = 0;
  uint16_t primary_offset = 0;
};
static_assert(std::is_trivially_copyable_v<PayloadInfo> && sizeof(PayloadInfo) <= 40);

/// Bytes that replace the start of the payload: `size` bytes instead of the first `skip`.
struct PayloadRewrite {
  static constexpr size_t kCapacity = 8;
  std::array<uint8_t, kCapacity> bytes{};
  uint8_t size = 0;
  uint16_t skip = 0;
};

struct PayloadParserOptions {
  /// An IDR slice starts a key frame without a parameter set before it: for encoders that signal
  /// the sets in SDP only.
  bool h264_idr_starts_key_frame = false;
};

class PayloadParser {
 public:
  explicit PayloadParser(Codec codec, const PayloadParserOptions& options = {});
  ~PayloadParser();
  PayloadParser(PayloadParser&&) noexcept;
  PayloadParser& operator=(PayloadParser&&) noexcept;

  /// `dependency_descriptor` is the header extension's value, empty when there is none.
  PayloadInfo parse(Bytes payload, Bytes dependency_descriptor);
  /// The stream started over.
  void reset();

 private:
  void parse_vp8_payload(Bytes payload, PayloadInfo& info);
  void parse_vp9_payload(Bytes payload, PayloadInfo& info);
  void parse_payload(Bytes payload, PayloadInfo& info);
  bool parse_dependencies(Bytes value, PayloadInfo& info);
  uint16_t full_picture_id(uint16_t picture_id, uint8_t size);

  Codec codec_;
  PayloadParserOptions options_;
  std::optional<uint16_t> last_picture_id_;
  struct DescriptorState;
  std::unique_ptr<DescriptorState> descriptor_;
};

struct PayloadProcessorOptions {
  bool ignore_dtx = false;
  uint8_t spatial_layers = 1;
  uint8_t temporal_layers = 1;
  bool key_frame_svc = false;  ///< K-SVC
};

class PayloadProcessor {
 public:
  struct Decision {
    bool forward = true;
    bool marker = false;
    /// Instead of the packet's own.
    std::optional<uint8_t> payload_type{};
    PayloadRewrite rewrite{};
    /// What to write to the dependency descriptor; nothing when it can stay.
    std::optional<uint16_t> frame_number;
  };

  PayloadProcessor(Codec codec, const PayloadProcessorOptions& options);
  ~PayloadProcessor();
  PayloadProcessor(PayloadProcessor&&) noexcept;
  PayloadProcessor& operator=(PayloadProcessor&&) noexcept;

  /// The next packet starts the flow anew: numbering continues from it.
  void sync();
  /// Layers to aim for; -1 in either for none, then nothing goes out of a codec with layers. Until
  /// the first call all layers go out, with the received markers. A spatial layer above those that
  /// the options announce means the highest of them, so simulcast may pass the stream's index.
  void set_target_layers(int spatial, int temporal);
  /// -1 before the first set_target_layers, and when there is no layer.
  [[nodiscard]] int current_spatial_layer() const;
  [[nodiscard]] int current_temporal_layer() const;

  /// Decides about one packet; `payload` is read for the bytes of a rewrite.
  Decision process(const PayloadInfo& info, Bytes payload, bool marker);

 private:
  struct State;
  bool select(const PayloadInfo& info, bool& marker);

  Codec codec_;
  PayloadProcessorOptions options_;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::codecs
