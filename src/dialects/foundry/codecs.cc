#include "dialects/foundry/codecs.h"

#include <string>
#include <utility>

namespace sluice::foundry {
namespace {

ortc::RtpCodecCapability video(std::string mime_type, ortc::ParameterMap parameters = {}) {
  ortc::RtpCodecCapability codec;
  codec.kind = ortc::MediaKind::kVideo;
  codec.mime_type = std::move(mime_type);
  codec.clock_rate = 90000;
  codec.parameters = std::move(parameters);
  return codec;
}

}  // namespace

std::vector<ortc::RtpCodecCapability> router_codecs() {
  ortc::RtpCodecCapability opus;
  opus.kind = ortc::MediaKind::kAudio;
  opus.mime_type = "audio/opus";
  opus.clock_rate = 48000;
  opus.channels = 2;
  return {std::move(opus), video("video/VP8"), video("video/VP9", {{"profile-id", 2}}),
          video("video/H264", {{"packetization-mode", 1},
                               {"profile-level-id", "4d0032"},
                               {"level-asymmetry-allowed", 1}})};
}

}  // namespace sluice::foundry
