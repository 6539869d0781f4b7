// Public enumerations are those of the engine: each name says so.

#include <gtest/gtest.h>

#include "sluice/sluice.h"

namespace sluice {
namespace {

TEST(PublicNames, AreThoseOfTheObjectModel) {
  EXPECT_EQ(to_string(MediaKind::kAudio), "audio");
  EXPECT_EQ(to_string(MediaKind::kVideo), "video");
  EXPECT_EQ(to_string(StreamType::kSimple), "simple");
  EXPECT_EQ(to_string(StreamType::kSimulcast), "simulcast");
  EXPECT_EQ(to_string(StreamType::kSvc), "svc");
  EXPECT_EQ(to_string(StreamType::kPipe), "pipe");
  EXPECT_EQ(to_string(TransportType::kWebRtc), "webrtc");
  EXPECT_EQ(to_string(TransportType::kPlain), "plain");
  EXPECT_EQ(to_string(TransportType::kPipe), "pipe");
  EXPECT_EQ(to_string(TransportType::kDirect), "direct");
  EXPECT_EQ(to_string(DataType::kSctp), "sctp");
  EXPECT_EQ(to_string(DataType::kDirect), "direct");
  EXPECT_EQ(to_string(ObserverType::kAudioLevel), "audiolevel");
  EXPECT_EQ(to_string(ObserverType::kActiveSpeaker), "activespeaker");
  EXPECT_EQ(to_string(TransportProtocol::kUdp), "udp");
  EXPECT_EQ(to_string(TransportProtocol::kTcp), "tcp");
}

TEST(PublicNames, OfStates) {
  EXPECT_EQ(to_string(IceState::kNew), "new");
  EXPECT_EQ(to_string(IceState::kConnected), "connected");
  EXPECT_EQ(to_string(IceState::kCompleted), "completed");
  EXPECT_EQ(to_string(IceState::kDisconnected), "disconnected");
  EXPECT_EQ(to_string(IceState::kClosed), "closed");
  EXPECT_EQ(to_string(DtlsState::kNew), "new");
  EXPECT_EQ(to_string(DtlsState::kConnecting), "connecting");
  EXPECT_EQ(to_string(DtlsState::kConnected), "connected");
  EXPECT_EQ(to_string(DtlsState::kFailed), "failed");
  EXPECT_EQ(to_string(DtlsState::kClosed), "closed");
  EXPECT_EQ(to_string(SctpState::kNew), "new");
  EXPECT_EQ(to_string(SctpState::kConnecting), "connecting");
  EXPECT_EQ(to_string(SctpState::kConnected), "connected");
  EXPECT_EQ(to_string(SctpState::kFailed), "failed");
  EXPECT_EQ(to_string(SctpState::kClosed), "closed");
}

TEST(Version, HasThreeParts) {
  EXPECT_EQ(std::ranges::count(version(), '.'), 2);
}

}  // namespace
}  // namespace sluice
