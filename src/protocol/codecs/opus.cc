#include "protocol/codecs/opus.h"

namespace sluice::codecs {

std::optional<OpusPayload> parse_opus(Bytes payload) {
  if (payload.empty()) {
    return std::nullopt;
  }
  switch (payload[0] & 0x03) {
    case 0:  // one frame
    case 1:  // two frames of one size
      return OpusPayload{.dtx = payload.size() == 1};
    case 2:  // two frames; the second byte is the size of the first
      break;
    default:  // a number of frames in the second byte; never taken for DTX (media-plane 5.16)
      return payload.size() < 2 ? std::nullopt : std::optional(OpusPayload{});
  }
  return payload.size() < 2 ? std::nullopt : std::optional(OpusPayload{.dtx = payload.size() == 2});
}

}  // namespace sluice::codecs
