// links: sluice_codecs
// A stream of one codec, packet by packet: parsed once, then processed for three consumers with
// different layers. What goes out must be readable again with the ids that were meant, a rewrite
// must stay inside the payload and leave the rest of the packet alone.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocol/codecs/payload.h"
#include "protocol/codecs/vp8.h"

namespace {

using namespace sluice;
using namespace sluice::codecs;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void check_info(const PayloadInfo& info, Bytes payload) {
  require(info.spatial_layer < 8 && info.temporal_layer < 8);
  require(info.picture_id < 0x8000);
  require(info.descriptor_size <= payload.size());
  require(!info.key_frame || !payload.empty() || info.has_dependencies);
  require(!info.dtx || payload.size() <= 2);
}

void check_rewrite(const PayloadInfo& info, Bytes payload, const PayloadRewrite& rewrite) {
  require(rewrite.size <= PayloadRewrite::kCapacity && rewrite.skip <= payload.size());
  if (rewrite.size == 0) {
    require(rewrite.skip == 0);
    return;
  }
  require(info.codec == Codec::kVp8 && info.has_picture_id && info.has_tl0);
  std::vector<uint8_t> out(rewrite.bytes.begin(), rewrite.bytes.begin() + rewrite.size);
  out.insert(out.end(), payload.begin() + rewrite.skip, payload.end());
  const auto before = parse_vp8(payload);
  const auto after = parse_vp8(out);
  require(before && after);
  require(after->picture_id_size == 2);
  require(after->key_frame == before->key_frame);
  require(after->temporal_layer == before->temporal_layer);
  require(after->key_index == before->key_index);
  require(out.size() == payload.size() + (before->picture_id_size == 1 ? 1 : 0));
  require(out.size() - after->size == payload.size() - before->size);
}

constexpr std::array<Codec, 7> kCodecs = {Codec::kOther, Codec::kOpus, Codec::kVp8, Codec::kVp9,
                                          Codec::kH264,  Codec::kH265, Codec::kAv1};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader input(Bytes(data, size));
  const uint8_t first = input.u8();
  const Codec codec = kCodecs[first % kCodecs.size()];
  PayloadParser parser(codec, {.h264_idr_starts_key_frame = (first & 0x80) != 0});
  const PayloadProcessorOptions options{.ignore_dtx = (first & 0x40) != 0,
                                        .spatial_layers = 3,
                                        .temporal_layers = 3,
                                        .key_frame_svc = (first & 0x20) != 0};
  std::array<PayloadProcessor, 3> processors = {PayloadProcessor(codec, options),
                                                PayloadProcessor(codec, options),
                                                PayloadProcessor(codec, options)};
  while (input.remaining() > 0) {
    const uint8_t action = input.u8();
    PayloadProcessor& chosen = processors[action / 16 % processors.size()];
    switch (action % 16) {
      case 0:
        chosen.sync();
        continue;
      case 1: {
        const uint8_t layers = input.u8();
        chosen.set_target_layers(layers % 8 - 1, layers / 8 % 8 - 1);
        continue;
      }
      case 2:
        parser.reset();
        continue;
      default:
        break;
    }
    const Bytes payload = input.bytes(std::min<size_t>(input.u8(), input.remaining()));
    const Bytes descriptor = input.bytes(std::min<size_t>(input.u8() % 64, input.remaining()));
    // Own memory, so that the address sanitizer sees any step beyond the end.
    const std::vector<uint8_t> packet(payload.begin(), payload.end());
    const std::vector<uint8_t> extension(descriptor.begin(), descriptor.end());
    const PayloadInfo info = parser.parse(packet, extension);
    check_info(info, packet);
    for (PayloadProcessor& processor : processors) {
      const auto decision = processor.process(info, packet, (action & 0x80) != 0);
      if (decision.forward) {
        check_rewrite(info, packet, decision.rewrite);
        require(!decision.frame_number || info.has_frame_number);
      }
      require(processor.current_temporal_layer() >= -1 && processor.current_temporal_layer() < 8);
      require(processor.current_spatial_layer() >= -1 && processor.current_spatial_layer() < 8);
    }
  }
  return 0;
}
