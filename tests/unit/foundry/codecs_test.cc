#include "dialects/foundry/codecs.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "protocol/ortc/json.h"
#include "protocol/ortc/router_capabilities.h"

namespace sluice::foundry {
namespace {

namespace bj = boost::json;

// The table of 2.1.
TEST(FoundryCodecs, CapabilitiesAreThoseOfTheOriginal) {
  const auto capabilities = ortc::generate_router_rtp_capabilities(router_codecs());
  ASSERT_TRUE(capabilities) << capabilities.error().message;
  const bj::value codecs = ortc::to_json(*capabilities).at("codecs");
  struct Expected {
    const char* mime_type;
    int payload_type;
    const char* parameters;
  };
  const Expected expected[] = {
      {"audio/opus", 100, "{}"},
      {"video/VP8", 101, "{}"},
      {"video/rtx", 102, R"({"apt":101})"},
      {"video/VP9", 103, R"({"profile-id":2})"},
      {"video/rtx", 104, R"({"apt":103})"},
      {"video/H264", 105,
       R"({"packetization-mode":1,"profile-level-id":"4d0032","level-asymmetry-allowed":1})"},
      {"video/rtx", 106, R"({"apt":105})"},
  };
  ASSERT_EQ(codecs.as_array().size(), std::size(expected));
  for (size_t i = 0; i < std::size(expected); ++i) {
    const bj::object& codec = codecs.as_array()[i].as_object();
    EXPECT_EQ(codec.at("mimeType").as_string(), expected[i].mime_type);
    EXPECT_EQ(codec.at("preferredPayloadType").to_number<int>(), expected[i].payload_type);
    EXPECT_EQ(codec.at("parameters"), bj::parse(expected[i].parameters)) << i;
  }
}

TEST(FoundryCodecs, FeedbackIsThatOfTheOriginal) {
  const auto capabilities = ortc::generate_router_rtp_capabilities(router_codecs());
  ASSERT_TRUE(capabilities);
  const bj::value json = ortc::to_json(*capabilities);
  const bj::array& codecs = json.at("codecs").as_array();
  EXPECT_EQ(
      codecs[0].at("rtcpFeedback"),
      bj::parse(R"([{"type":"nack","parameter":""},{"type":"transport-cc","parameter":""}])"));
  EXPECT_EQ(codecs[1].at("rtcpFeedback"),
            bj::parse(R"([{"type":"nack","parameter":""},{"type":"nack","parameter":"pli"},
                          {"type":"ccm","parameter":"fir"},{"type":"goog-remb","parameter":""},
                          {"type":"transport-cc","parameter":""}])"));
  EXPECT_EQ(codecs[2].at("rtcpFeedback"), bj::parse("[]"));
}

}  // namespace
}  // namespace sluice::foundry
