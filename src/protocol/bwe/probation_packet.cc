#include "protocol/bwe/probation_packet.h"

#include <algorithm>
#include <array>

#include "protocol/rtp/extension_block.h"
#include "protocol/rtp/extension_kind.h"

namespace sluice::bwe {
namespace {

constexpr uint8_t kVersionWithExtension = 0x90;
constexpr size_t kFixedHeaderSize = 12;

}  // namespace

size_t ProbationStream::compose(MutableBytes out, size_t size, uint32_t abs_send_time,
                                SeqNum wide) {
  size = std::clamp(size, kMinSize, kMaxSize);
  if (out.size() < size) {
    return 0;
  }
  ByteWriter writer(out);
  writer.u8(kVersionWithExtension);
  writer.u8(kProbationPayloadType.value);
  writer.u16(sequence_.value);
  writer.u32(timestamp_.value);
  writer.u32(kProbationSsrc.value);

  std::array<uint8_t, 3> time;
  store_be24(time.data(), abs_send_time);
  std::array<uint8_t, 2> number;
  store_be16(number.data(), wide.value);
  using rtp::ExtensionKind;
  const std::array elements = {
      rtp::ExtensionElement{router_id(ExtensionKind::kMid), as_bytes(kProbationMid)},
      rtp::ExtensionElement{router_id(ExtensionKind::kAbsSendTime), time},
      rtp::ExtensionElement{router_id(ExtensionKind::kTransportWideCc), number},
  };
  rtp::write_extension_block(rtp::ExtensionForm::kOneByte, elements,
                             out.subspan(kFixedHeaderSize, kMinSize - kFixedHeaderSize));
  std::ranges::fill(out.subspan(kMinSize, size - kMinSize), uint8_t{0});

  sequence_ = SeqNum(static_cast<uint16_t>(sequence_.value + 1));
  timestamp_ = Timestamp(timestamp_.value + kTimestampStep);
  return size;
}

}  // namespace sluice::bwe
