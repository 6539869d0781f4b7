// A recorder tap: writes what a producer sends into a file. Here the producer is plain RTP, e.g.
//
//   recorder_tap camera.ivf 5004
//   ffmpeg -re -f lavfi -i testsrc=size=640x360:rate=30 -c:v libvpx -deadline realtime -g 30
//       -f rtp -ssrc 1111 -payload_type 96 rtp://127.0.0.1:5004
//
// but the tap itself, a consumer on a direct transport, works for producers of every kind.
//
// usage: recorder_tap FILE.ivf [PORT]     ends at the end of its input, e.g. with Ctrl-D

#include <sluice/sluice.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <thread>

#include "ivf_file.h"
#include "vp8_frames.h"

namespace {

constexpr auto kMediaCodecs = R"([{"mimeType": "video/VP8", "clockRate": 90000}])";

constexpr auto kCamera = R"({
  "codecs": [{"mimeType": "video/VP8", "clockRate": 90000, "payloadType": 96,
              "rtcpFeedback": [{"type": "nack", "parameter": "pli"}]}],
  "encodings": [{"ssrc": 1111}]})";

/// The value, or the end of the program with its error.
template <class T>
T expect(sluice::Result<T> result) {
  if (!result) {
    std::cerr << result.error().message << "\n";
    std::exit(1);
  }
  return std::move(*result);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::cerr << "usage: recorder_tap FILE.ivf [PORT]\n";
    return 2;
  }
  IvfFile file(arguments[1]);
  const auto port = static_cast<uint16_t>(count > 2 ? std::atoi(arguments[2]) : 0);

  sluice::RunLoop loop;
  auto engine = expect(
      sluice::Engine::create({.media_loops = 1, .listen = {{.ip = "127.0.0.1"}}}, loop.executor()));
  const auto router = expect(engine.create_router(boost::json::parse(kMediaCodecs)));

  // Where the camera sends to.
  const auto inlet = expect(router.create_plain_transport(
      {.listen = {.ip = "127.0.0.1", .port = port}, .comedia = true}));
  const auto camera = expect(inlet.produce(
      {.kind = sluice::MediaKind::kVideo, .rtp_parameters = boost::json::parse(kCamera)}));

  // The tap.
  const auto outlet = expect(router.create_direct_transport());
  const auto tap = expect(
      outlet.consume({.producer_id = camera.id(), .rtp_capabilities = router.rtp_capabilities()}));
  Vp8Frames frames([&](const Vp8Frame& frame) { file.add(frame); },
                   [&] { tap.request_key_frame(); });
  tap.on_rtp([&](sluice::Bytes packet) { frames.on_rtp(packet); });

  std::cout << "listening on port " << inlet.tuple().local_port << std::endl;
  std::thread input([&] {
    std::cin.ignore(std::numeric_limits<std::streamsize>::max());
    loop.post([&] { loop.stop(); });  // after what has come until now
  });
  loop.run();
  input.join();
  std::cout << file.frames() << " frames" << std::endl;
  return file.good() ? 0 : 1;
}
