// links: sluice_net
//
// TCP framing with random split points: however a stream is cut, the frames are the same. The first
// byte gives the number of cuts, the next ones their distances, the rest is the stream.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "net/tcp_framing.h"

namespace {

using sluice::MutableBytes;
using sluice::net::TcpFraming;

// Small enough that the fuzzer meets the limit.
constexpr size_t kLimit = 300;

struct Outcome {
  std::vector<std::vector<uint8_t>> frames;
  bool oversize = false;
  size_t buffered = 0;
};

Outcome parse(std::vector<uint8_t> stream, const std::vector<size_t>& pieces) {
  TcpFraming framing(kLimit);
  Outcome outcome;
  MutableBytes rest(stream);
  for (size_t i = 0; !rest.empty() && !outcome.oversize; ++i) {
    const size_t size = i < pieces.size() ? std::min(pieces[i], rest.size()) : rest.size();
    const auto status = framing.feed(rest.first(size), [&](MutableBytes frame) {
      outcome.frames.emplace_back(frame.begin(), frame.end());
      // A decrypting handler changes the frame; what follows must not notice.
      std::fill(frame.begin(), frame.end(), uint8_t{0xaa});
      return true;
    });
    outcome.oversize = status == TcpFraming::Status::kOversize;
    rest = rest.subspan(size);
  }
  outcome.buffered = framing.buffered();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const size_t cuts = std::min<size_t>(data[0] % 32, size - 1);
  const std::vector<size_t> pieces(data + 1, data + 1 + cuts);
  const std::vector<uint8_t> stream(data + 1 + cuts, data + size);
  const Outcome cut = parse(stream, pieces);
  const Outcome whole = parse(stream, {});
  if (cut.frames != whole.frames || cut.oversize != whole.oversize ||
      (!whole.oversize && cut.buffered != whole.buffered) || cut.buffered > kLimit) {
    std::abort();
  }
  for (const auto& frame : whole.frames) {
    if (frame.empty() || frame.size() > kLimit - TcpFraming::kPrefix) {
      std::abort();
    }
  }
  return 0;
}
