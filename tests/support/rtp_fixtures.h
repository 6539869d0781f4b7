// The router, producers and endpoint that the conformance rows of ortc-model section 8 name, as
// JSON.
#pragma once

#include <string_view>

namespace sluice::test {

/// MC: the codecs of a router.
inline constexpr std::string_view kMediaCodecs = R"([
  {"kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2,
   "parameters": {"useinbandfec": 1, "foo": "bar"}},
  {"kind": "video", "mimeType": "video/VP8", "clockRate": 90000},
  {"kind": "video", "mimeType": "video/H264", "clockRate": 90000,
   "parameters": {"level-asymmetry-allowed": 1, "packetization-mode": 1,
                  "profile-level-id": "4d0032", "foo": "bar"}}])";

/// A-prod: Opus.
inline constexpr std::string_view kAudioProducer = R"({
  "mid": "AUDIO",
  "codecs": [{"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2,
              "parameters": {"useinbandfec": 1, "usedtx": 1, "foo": 222.222, "bar": "333"}}],
  "headerExtensions": [
    {"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 10},
    {"uri": "urn:ietf:params:rtp-hdrext:ssrc-audio-level", "id": 12}],
  "encodings": [{"ssrc": 11111111}],
  "rtcp": {"cname": "FOOBAR"}})";

/// V-prod: H264 simulcast with four encodings.
inline constexpr std::string_view kVideoProducer = R"({
  "mid": "VIDEO",
  "codecs": [
    {"mimeType": "video/h264", "payloadType": 112, "clockRate": 90000,
     "parameters": {"packetization-mode": 1, "profile-level-id": "4d0032"},
     "rtcpFeedback": [{"type": "nack"}, {"type": "nack", "parameter": "pli"},
                      {"type": "goog-remb"}]},
    {"mimeType": "video/rtx", "payloadType": 113, "clockRate": 90000,
     "parameters": {"apt": 112}}],
  "headerExtensions": [
    {"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 10},
    {"uri": "urn:3gpp:video-orientation", "id": 13}],
  "encodings": [
    {"ssrc": 22222222, "rtx": {"ssrc": 22222223}, "scalabilityMode": "L1T5"},
    {"ssrc": 22222224, "rtx": {"ssrc": 22222225}, "scalabilityMode": "L1T5"},
    {"ssrc": 22222226, "rtx": {"ssrc": 22222227}, "scalabilityMode": "L1T5"},
    {"ssrc": 22222228, "rtx": {"ssrc": 22222229}, "scalabilityMode": "L1T5"}],
  "rtcp": {"cname": "FOOBAR"}})";

/// CAPS: what a receiver can take.
inline constexpr std::string_view kEndpointCapabilities = R"({
  "codecs": [
    {"mimeType": "audio/opus", "kind": "audio", "preferredPayloadType": 100, "clockRate": 48000,
     "channels": 2, "rtcpFeedback": [{"type": "nack", "parameter": ""}]},
    {"mimeType": "video/H264", "kind": "video", "preferredPayloadType": 101, "clockRate": 90000,
     "parameters": {"level-asymmetry-allowed": 1, "packetization-mode": 1,
                    "profile-level-id": "4d0032"},
     "rtcpFeedback": [{"type": "nack"}, {"type": "nack", "parameter": "pli"},
                      {"type": "ccm", "parameter": "fir"}, {"type": "goog-remb"}]},
    {"mimeType": "video/rtx", "kind": "video", "preferredPayloadType": 102, "clockRate": 90000,
     "parameters": {"apt": 101}}],
  "headerExtensions": [
    {"kind": "audio", "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "preferredId": 1},
    {"kind": "video", "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "preferredId": 1},
    {"kind": "video", "uri": "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", "preferredId": 2},
    {"kind": "audio", "uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
     "preferredId": 4},
    {"kind": "video", "uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
     "preferredId": 4},
    {"kind": "audio", "uri": "urn:ietf:params:rtp-hdrext:ssrc-audio-level", "preferredId": 10},
    {"kind": "video", "uri": "urn:3gpp:video-orientation", "preferredId": 11},
    {"kind": "video", "uri": "urn:ietf:params:rtp-hdrext:toffset", "preferredId": 12}]})";

}  // namespace sluice::test
