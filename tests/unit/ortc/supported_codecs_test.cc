// Every codec that a router can have: the table of ortc-model 2.3, row by row, and what goes beyond
// it (decisions/020).
#include <gmock/gmock.h>

#include "protocol/ortc/supported_capabilities.h"
#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::ElementsAre;

constexpr std::string_view kVideoFeedback =
    R"([{"type": "nack", "parameter": ""}, {"type": "nack", "parameter": "pli"},
        {"type": "ccm", "parameter": "fir"}, {"type": "goog-remb", "parameter": ""},
        {"type": "transport-cc", "parameter": ""}])";
constexpr std::string_view kOpusFeedback =
    R"([{"type": "nack", "parameter": ""}, {"type": "transport-cc", "parameter": ""}])";
constexpr std::string_view kAudioFeedback = R"([{"type": "transport-cc", "parameter": ""}])";

struct Row {
  std::string_view mime_type;
  int clock_rate;
  int channels;      ///< 0: video
  int payload_type;  ///< in a router of its own
  std::string_view parameters;
  std::string_view feedback;
};

const std::vector<Row> kRows = {
    {"audio/opus", 48000, 2, 100, "{}", kOpusFeedback},
    {"audio/multiopus", 48000, 4, 100,
     R"({"channel_mapping": "0,1,2,3", "num_streams": 2, "coupled_streams": 2})", kOpusFeedback},
    {"audio/multiopus", 48000, 6, 100,
     R"({"channel_mapping": "0,4,1,2,3,5", "num_streams": 4, "coupled_streams": 2})",
     kOpusFeedback},
    {"audio/multiopus", 48000, 8, 100,
     R"({"channel_mapping": "0,6,1,2,3,4,5,7", "num_streams": 5, "coupled_streams": 3})",
     kOpusFeedback},
    {"audio/PCMU", 8000, 1, 0, "{}", kAudioFeedback},
    {"audio/PCMA", 8000, 1, 8, "{}", kAudioFeedback},
    {"audio/ISAC", 32000, 1, 100, "{}", kAudioFeedback},
    {"audio/ISAC", 16000, 1, 100, "{}", kAudioFeedback},
    {"audio/G722", 8000, 1, 9, "{}", kAudioFeedback},
    {"audio/iLBC", 8000, 1, 100, "{}", kAudioFeedback},
    {"audio/SILK", 24000, 1, 100, "{}", kAudioFeedback},
    {"audio/SILK", 16000, 1, 100, "{}", kAudioFeedback},
    {"audio/SILK", 12000, 1, 100, "{}", kAudioFeedback},
    {"audio/SILK", 8000, 1, 100, "{}", kAudioFeedback},
    {"audio/CN", 32000, 1, 13, "{}", "[]"},
    {"audio/CN", 16000, 1, 13, "{}", "[]"},
    {"audio/CN", 8000, 1, 13, "{}", "[]"},
    {"audio/telephone-event", 48000, 1, 100, "{}", "[]"},
    {"audio/telephone-event", 32000, 1, 100, "{}", "[]"},
    {"audio/telephone-event", 16000, 1, 100, "{}", "[]"},
    {"audio/telephone-event", 8000, 1, 100, "{}", "[]"},
    {"video/VP8", 90000, 0, 100, "{}", kVideoFeedback},
    {"video/VP9", 90000, 0, 100, "{}", kVideoFeedback},
    {"video/H264", 90000, 0, 100, R"({"level-asymmetry-allowed": 1})", kVideoFeedback},
    {"video/AV1", 90000, 0, 100, "{}", kVideoFeedback},
    // Beyond the table.
    {"video/H265", 90000, 0, 100, "{}", kVideoFeedback},
};

/// As an application names it: for multiopus with what tells its variants apart.
std::string media_codec(const Row& row) {
  std::string text = R"({"mimeType": ")" + std::string(row.mime_type) + R"(", "clockRate": )" +
                     std::to_string(row.clock_rate);
  if (row.channels != 0) {
    text += R"(, "channels": )" + std::to_string(row.channels);
  }
  if (row.mime_type == "audio/multiopus") {
    text += R"(, "parameters": )" + std::string(row.parameters);
  }
  return text + "}";
}

std::string full_codec(const Row& row) {
  std::string text = R"({"kind": ")" + std::string(row.mime_type.substr(0, 5)) +
                     R"(", "mimeType": ")" + std::string(row.mime_type) + R"(", "clockRate": )" +
                     std::to_string(row.clock_rate) + R"(, "preferredPayloadType": )" +
                     std::to_string(row.payload_type);
  if (row.channels != 0) {
    text += R"(, "channels": )" + std::to_string(row.channels);
  }
  return text + R"(, "parameters": )" + std::string(row.parameters) + R"(, "rtcpFeedback": )" +
         std::string(row.feedback) + "}";
}

class SupportedCodec : public testing::TestWithParam<Row> {};

TEST_P(SupportedCodec, IsAnnouncedAsInTheTable) {
  const Row& row = GetParam();
  const RtpCapabilities router = must(router_of("[" + media_codec(row) + "]"));
  std::string expected = "[" + full_codec(row);
  if (row.channels == 0) {
    expected += R"(, {"kind": "video", "mimeType": "video/rtx", "clockRate": 90000,
                      "preferredPayloadType": 101, "parameters": {"apt": 100},
                      "rtcpFeedback": []})";
  }
  EXPECT_EQ(member_of(router, "codecs"), normal(expected + "]"));
}

TEST_P(SupportedCodec, IsProducedAndConsumed) {
  const Row& row = GetParam();
  TestTransport transport("[" + media_codec(row) + "]");
  std::string codec = media_codec(row);
  codec.pop_back();
  const NegotiatedProducer producer =
      must(transport.produce(row.channels == 0 ? MediaKind::kVideo : MediaKind::kAudio,
                             R"({"mid": "0", "codecs": [)" + codec + R"(, "payloadType": 120}]})"));
  const NegotiatedConsumer consumer = must(transport.consume(producer, text_of(transport.router)));
  EXPECT_EQ(consumer.rtp_parameters.codecs[0].mime_type, row.mime_type);
  EXPECT_EQ(consumer.rtp_parameters.codecs[0].payload_type.value, row.payload_type);
  EXPECT_EQ(consumer.rtp_parameters.codecs.size(), row.channels == 0 ? 2u : 1u);
}

INSTANTIATE_TEST_SUITE_P(Section23, SupportedCodec, testing::ValuesIn(kRows), [](const auto& row) {
  std::string name(row.param.mime_type.substr(6));
  std::erase(name, '-');
  return name + "At" + std::to_string(row.param.clock_rate) + "With" +
         std::to_string(row.param.channels);
});

TEST(SupportedCodecs, AreTheRowsInTheirOrderAndRed) {
  std::vector<std::string> expected;
  for (const Row& row : kRows) {
    expected.push_back(std::string(row.mime_type) + " " + std::to_string(row.clock_rate) + " " +
                       std::to_string(row.channels));
  }
  std::vector<std::string> supported;
  for (const RtpCodecCapability& codec : supported_rtp_capabilities().codecs) {
    if (codec.mime_type != "audio/red") {
      supported.push_back(codec.mime_type + " " + std::to_string(codec.clock_rate) + " " +
                          std::to_string(codec.channels.value_or(0)));
    }
  }
  EXPECT_EQ(supported, expected);
}

// --- variants of one codec -----------------------------------------------------------------------

struct Variants {
  std::string_view name;
  std::string_view first, second;  ///< format parameters
};

class CodecVariants : public testing::TestWithParam<Variants> {};

/// A router has both, and a producer gets the one that it is.
TEST_P(CodecVariants, AreDifferentCodecs) {
  const auto& [name, first, second] = GetParam();
  const auto codec = [&](std::string_view parameters) {
    return R"({"mimeType": "video/)" + std::string(name) +
           R"(", "clockRate": 90000, "payloadType": 120, "parameters": )" +
           std::string(parameters) + "}";
  };
  TestTransport transport("[" + codec(first) + ", " + codec(second) + "]");
  EXPECT_THAT(payload_types(transport.router), ElementsAre(100, 101, 102, 103));
  const auto mapped = [&](std::string_view parameters, std::string_view mid) {
    return must(transport.produce_video(R"({"mid": ")" + std::string(mid) + R"(", "codecs": [)" +
                                        codec(parameters) + "]}"))
        .mapping.codecs.at(0)
        .mapped_payload_type.value;
  };
  EXPECT_EQ(mapped(first, "0"), 100);
  EXPECT_EQ(mapped(second, "1"), 102);
}

INSTANTIATE_TEST_SUITE_P(
    All, CodecVariants,
    testing::Values(Variants{"VP9", R"({"profile-id": 0})", R"({"profile-id": 2})"},
                    Variants{"H264", R"({"packetization-mode": 1, "profile-level-id": "42e01f"})",
                             R"({"packetization-mode": 0, "profile-level-id": "42e01f"})"},
                    Variants{"H264", R"({"packetization-mode": 1, "profile-level-id": "42e01f"})",
                             R"({"packetization-mode": 1, "profile-level-id": "640032"})"},
                    Variants{"H265", R"({"profile-id": 1, "tier-flag": 0, "level-id": 93})",
                             R"({"profile-id": 2, "tier-flag": 0, "level-id": 93})"},
                    Variants{"H265", R"({"tier-flag": 1})", "{}"},
                    Variants{"H265", R"({"tx-mode": "MRST"})", R"({"level-id": 180})"}),
    [](const auto& variants) {
      return std::string(variants.param.name) + "_" + std::to_string(variants.index);
    });

TEST(H265, AbsentParametersHaveTheirDefaults) {
  TestTransport transport(R"([{"mimeType": "video/H265", "clockRate": 90000}])");
  const auto produced = [&](std::string_view parameters) {
    const auto producer =
        transport.produce_video(R"({"mid": "0", "codecs": [{"mimeType": "video/H265",
            "clockRate": 90000, "payloadType": 120, "parameters": )" +
                                std::string(parameters) + "}]}");
    if (producer) {
      transport.close(*producer);
    }
    return outcome(producer);
  };
  EXPECT_EQ(produced(R"({"profile-id": 1, "tier-flag": 0, "level-id": 180, "tx-mode": "SRST"})"),
            "ok");
  EXPECT_EQ(produced("{}"), "ok");
  EXPECT_EQ(produced(R"({"profile-id": 2})"), "UnsupportedError");
  EXPECT_EQ(produced(R"({"profile-id": "1"})"), "UnsupportedError") << "a text is no number";
}

TEST(H265, MayBeASimulcast) {
  TestTransport transport(R"([{"mimeType": "video/H265", "clockRate": 90000}])");
  const NegotiatedProducer producer = must(transport.produce_video(R"({
      "mid": "0", "encodings": [{"rid": "r0", "scalabilityMode": "L1T2"},
                                {"rid": "r1", "scalabilityMode": "L1T2"}],
      "codecs": [{"mimeType": "video/H265", "clockRate": 90000, "payloadType": 120}]})"));
  EXPECT_EQ(producer.type, StreamType::kSimulcast);
}

}  // namespace
}  // namespace sluice::ortc
