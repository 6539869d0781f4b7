#include "sluice/types.h"

#include <array>

#include "library/convert.h"
#include "media/data_producer.h"

namespace sluice {

std::string_view to_string(MediaKind kind) {
  return ortc::to_text(same<ortc::MediaKind>(kind));
}

std::string_view to_string(StreamType type) {
  return ortc::to_text(same<ortc::StreamType>(type));
}

std::string_view to_string(TransportType type) {
  static constexpr std::array<std::string_view, 4> kNames{"webrtc", "plain", "pipe", "direct"};
  return kNames.at(static_cast<size_t>(type));
}

std::string_view to_string(DataType type) {
  return media::to_string(same<media::DataType>(type));
}

std::string_view to_string(ObserverType type) {
  return type == ObserverType::kAudioLevel ? "audiolevel" : "activespeaker";
}

std::string_view to_string(IceState state) {
  return media::to_string(same<media::IceState>(state));
}

std::string_view to_string(DtlsState state) {
  return media::to_string(same<media::DtlsState>(state));
}

std::string_view to_string(SctpState state) {
  return media::to_string(same<media::SctpState>(state));
}

std::string_view to_string(TransportProtocol protocol) {
  return ortc::kTransportProtocolNames.at(static_cast<size_t>(protocol));
}

}  // namespace sluice
