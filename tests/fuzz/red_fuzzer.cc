// links: sluice_codecs
//
// RED payloads whose payload types are renamed and renamed back: the bytes are what they were, the
// primary block is where it was, and nothing is changed that cannot be read.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocol/codecs/red.h"

namespace {

using sluice::codecs::RedPayloadType;
using sluice::codecs::translate_red;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

constexpr std::array<RedPayloadType, 3> kThere{{{111, 100}, {13, 113}, {0, 96}}};
constexpr std::array<RedPayloadType, 3> kBack{{{100, 111}, {113, 13}, {96, 0}}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > UINT16_MAX) {
    return 0;
  }
  const std::vector<uint8_t> before(data, data + size);
  std::vector<uint8_t> payload = before;
  const auto primary = translate_red(payload, kThere);
  if (!primary) {
    require(payload == before);
    return 0;
  }
  require(primary->offset >= 1 && primary->offset <= size);
  require(primary->payload_type >= 96);
  const auto again = translate_red(payload, kBack);
  require(again && again->offset == primary->offset);
  require(payload == before);
  return 0;
}
