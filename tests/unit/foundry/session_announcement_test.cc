// Who hears of whose producers, with real rooms (foundryvtt 2.4, 2.5, 2.7 and the flow of 7).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/foundry/foundry_world.h"

namespace sluice::foundry {
namespace {

namespace bj = boost::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using FoundryAnnouncement = FoundryWorld;

TEST_F(FoundryAnnouncement, LateJoinerIsToldRightAfterItsReceivingTransport) {
  const auto a = joined("userA");
  const std::string mic = a->produce_mic();
  const std::string cam = a->produce_cam();
  const auto b = module("userB");
  b->get("getRouterRtpCapabilities");
  b->create_transport(true, false);
  EXPECT_THAT(b->frames, IsEmpty());
  b->send(R"({"type":"createWebRtcTransport","consuming":true,"requestId":"r","userId":"userB"})");
  ASSERT_EQ(b->frames.size(), 3u);
  EXPECT_EQ(b->frames[0].at("requestId").as_string(), "r");
  b->frames.pop_front();
  EXPECT_THAT(b->heard(), ElementsAre("+" + mic, "+" + cam));
}

TEST_F(FoundryAnnouncement, ModuleFrameHasAllThatTheClientLooksFor) {
  const auto b = joined("userB");
  const auto a = joined("userA");
  const std::string mic = a->produce_mic();
  ASSERT_EQ(b->frames.size(), 1u);
  const bj::object& frame = b->frames[0];
  EXPECT_EQ(frame.at("type").as_string(), "newProducer");
  EXPECT_EQ(frame.at("producerId").as_string(), mic);
  EXPECT_EQ(frame.at("userId").as_string(), "userA");
  EXPECT_EQ(frame.at("kind").as_string(), "audio");
  EXPECT_EQ(frame.at("appData").at("mediaTag").as_string(), "mic");
  EXPECT_EQ(frame.at("appData").at("userId").as_string(), "userA");
  EXPECT_EQ(frame.at("appData").at("rtpParameters").at("encodings").at(0).at("ssrc"),
            bj::value(1587270118));
}

TEST_F(FoundryAnnouncement, OwnProducersAreNotAnnounced) {
  const auto a = joined("a");
  a->produce_mic();
  a->create_transport(false, true);
  EXPECT_THAT(a->heard(), IsEmpty());
}

TEST_F(FoundryAnnouncement, PausedProducersAreAnnouncedLikeAnyOther) {
  const auto a = joined("a");
  const std::string mic = a->produce_mic();
  a->get("pauseProducer", {{"producerId", mic}});
  const auto b = joined("b");
  EXPECT_THAT(b->heard(), ElementsAre("+" + mic));
}

TEST_F(FoundryAnnouncement, AppDataOfTheOwnerIsHandedOnUnchanged) {
  const auto b = joined("b");
  const auto a = joined("a");
  bj::object fields = a->produce_fields("audio", mic_parameters(), nullptr);
  fields["appData"] = bj::parse(R"({"x":[1,{"y":null}],"rtpParameters":"mine"})");
  a->get("produce", fields);
  ASSERT_EQ(b->frames.size(), 1u);
  const bj::object& app_data = b->frames[0].at("appData").as_object();
  EXPECT_EQ(app_data.at("x"), bj::parse(R"([1,{"y":null}])"));
  EXPECT_TRUE(app_data.at("rtpParameters").is_object());
  EXPECT_EQ(app_data.size(), 2u);
}

// FOUNDRY-15
TEST_F(FoundryAnnouncement, Foundry15OriginalIsToldAtOnceInItsForm) {
  const auto listener = original();
  listener->get("getRouterRtpCapabilities");
  auto speaker = joined_original();
  const std::string mic = speaker->produce("audio", mic_parameters(), nullptr);
  ASSERT_EQ(listener->frames.size(), 1u);
  const bj::object frame = listener->frames[0];
  listener->frames.clear();
  EXPECT_TRUE(frame.at("id").is_null());
  EXPECT_EQ(frame.at("method").as_string(), "newProducer");
  EXPECT_EQ(frame.at("data").at("id").as_string(), mic);
  EXPECT_EQ(frame.at("data").at("producerId").as_string(), mic);
  EXPECT_EQ(frame.at("data").at("kind").as_string(), "audio");
  EXPECT_FALSE(frame.at("data").at("userId").as_string().empty());
  speaker.reset();
  ASSERT_EQ(listener->frames.size(), 1u);
  EXPECT_EQ(bj::value(listener->frames[0]), bj::value({{"id", nullptr},
                                                       {"method", "producerClosed"},
                                                       {"data", bj::object{{"producerId", mic}}}}));
}

// FOUNDRY-15
TEST_F(FoundryAnnouncement, Foundry15WhoNeverSpokeIsToldInBothForms) {
  const auto listener = original();
  auto speaker = joined_original();
  const std::string mic = speaker->produce("audio", mic_parameters(), nullptr);
  EXPECT_THAT(listener->frames, IsEmpty());
  listener->session->on_silence();
  ASSERT_EQ(listener->frames.size(), 1u);
  EXPECT_TRUE(listener->frames[0].at("id").is_null());
  EXPECT_EQ(listener->frames[0].at("method").as_string(), "newProducer");
  EXPECT_EQ(listener->frames[0].at("data").at("id").as_string(), mic);
  EXPECT_THAT(listener->heard(), ElementsAre("+" + mic));
  speaker.reset();
  EXPECT_THAT(listener->heard(), ElementsAre("-" + mic));
}

// FOUNDRY-16
TEST_F(FoundryAnnouncement, Foundry16BothFormsSeeEachOther) {
  const auto module_client = joined("userA");
  const auto original_client = joined_original();
  const std::string mic = module_client->produce_mic();
  const std::string cam = original_client->produce("video", cam_parameters(), nullptr);
  ASSERT_EQ(original_client->frames.size(), 1u);
  EXPECT_EQ(original_client->frames[0].at("data").at("id").as_string(), mic);
  EXPECT_EQ(original_client->frames[0].at("data").at("userId").as_string(), "userA");
  EXPECT_FALSE(original_client->frames[0].contains("type"));
  ASSERT_EQ(module_client->frames.size(), 1u);
  EXPECT_EQ(module_client->frames[0].at("producerId").as_string(), cam);
  EXPECT_FALSE(module_client->frames[0].contains("method"));
  EXPECT_FALSE(module_client->frames[0].contains("data"));
}

TEST_F(FoundryAnnouncement, OriginalIsToldOfOlderProducersWithItsTransport) {
  const auto a = joined("a");
  const std::string mic = a->produce_mic();
  const auto sender = original();
  sender->create_transport(true, false);
  EXPECT_THAT(sender->heard(), IsEmpty());
  sender->create_transport(false, true);
  EXPECT_THAT(sender->heard(), ElementsAre("+" + mic));
  EXPECT_THAT(joined_original()->heard(), ElementsAre("+" + mic));
}

TEST_F(FoundryAnnouncement, LeavingClosesEachProducer) {
  const auto b = joined("b");
  auto a = joined("a");
  const std::string mic = a->produce_mic();
  const std::string cam = a->produce_cam();
  b->heard();
  a.reset();
  EXPECT_THAT(b->heard(), UnorderedElementsAre("-" + mic, "-" + cam));
}

TEST_F(FoundryAnnouncement, OwnerMayCloseAProducer) {
  const auto b = joined("b");
  const auto a = joined("a");
  const std::string cam = a->produce_cam();
  b->heard();
  EXPECT_EQ(a->get("producerClosed", {{"producerId", cam}}), bj::object{});
  EXPECT_THAT(b->heard(), ElementsAre("-" + cam));
}

TEST_F(FoundryAnnouncement, ClosedProducersAreNotShownToNewcomers) {
  const auto a = joined("a");
  const std::string mic = a->produce_mic();
  a->get("producerClosed", {{"producerId", mic}});
  EXPECT_THAT(joined("b")->heard(), IsEmpty());
}

// 2.7, replacement; FOUNDRY-10 as far as signalling goes.

// FOUNDRY-10
TEST_F(FoundryAnnouncement, Foundry10ReplacedAudioIsClosedBeforeTheNewOne) {
  const auto module_client = joined("b");
  const auto original_client = joined_original();
  const auto a = joined("a");
  const std::string old_mic = a->produce_mic(100);
  const std::string new_mic = a->produce_mic(200);
  EXPECT_THAT(module_client->heard(), ElementsAre("+" + old_mic, "-" + old_mic, "+" + new_mic));
  EXPECT_THAT(original_client->heard(), ElementsAre("+" + old_mic, "-" + old_mic, "+" + new_mic));
}

// FOUNDRY-10
TEST_F(FoundryAnnouncement, Foundry10EndOfReplacedVideoWaitsForTheOwnerToLeave) {
  const auto module_client = joined("b");
  const auto original_client = joined_original();
  auto a = joined("a");
  const std::string old_cam = a->produce_cam(100);
  const std::string new_cam = a->produce_cam(200);
  EXPECT_THAT(module_client->heard(), ElementsAre("+" + old_cam, "+" + new_cam));
  EXPECT_THAT(original_client->heard(), ElementsAre("+" + old_cam, "-" + old_cam, "+" + new_cam));
  EXPECT_EQ(rooms->find("default")->find_producer(old_cam), nullptr);
  EXPECT_THAT(joined("c")->heard(), ElementsAre("+" + new_cam));
  a.reset();
  EXPECT_THAT(module_client->heard(), ElementsAre("-" + new_cam, "-" + old_cam));
  EXPECT_THAT(original_client->heard(), ElementsAre("-" + new_cam));
}

TEST_F(FoundryAnnouncement, SameTagOfTheOtherKindIsNotReplaced) {
  const auto b = joined("b");
  const auto a = joined("a");
  const std::string audio = a->produce("audio", mic_parameters(100), "screen");
  const std::string video = a->produce("video", cam_parameters(200), "screen");
  EXPECT_THAT(b->heard(), ElementsAre("+" + audio, "+" + video));
}

TEST_F(FoundryAnnouncement, ProducersWithoutATagAreNotReplaced) {
  const auto b = joined("b");
  const auto a = joined("a");
  const std::string one = a->produce("audio", mic_parameters(100, "0"), nullptr);
  const std::string two = a->produce("audio", mic_parameters(200, "1"), nullptr);
  EXPECT_THAT(b->heard(), ElementsAre("+" + one, "+" + two));
}

TEST_F(FoundryAnnouncement, SameTagOfAnotherPeerIsNotReplaced) {
  const auto a = joined("a");
  const auto b = joined("b");
  const std::string mic = a->produce_mic();
  b->produce_mic();
  EXPECT_NE(rooms->find("default")->find_producer(mic), nullptr);
}

TEST_F(FoundryAnnouncement, RefusedProduceReplacesNothingThatIsStillWanted) {
  const auto a = joined("a");
  const std::string mic = a->produce_mic();
  bj::object broken = a->produce_fields("audio", mic_parameters(), "mic");
  broken["rtpParameters"] = 5;
  EXPECT_NE(a->refusal("produce", broken), "");
  EXPECT_NE(rooms->find("default")->find_producer(mic), nullptr);
}

// The flow of section 7, in short.
TEST_F(FoundryAnnouncement, TwoPlayers) {
  auto a = joined("userA");
  EXPECT_THAT(a->heard(), IsEmpty());
  const std::string a_mic = a->produce_mic();
  const std::string a_cam = a->produce_cam();
  const auto b = joined("userB");
  EXPECT_THAT(b->heard(), ElementsAre("+" + a_mic, "+" + a_cam));
  b->get("consume", b->consume_fields(a_mic));
  b->get("consume", b->consume_fields(a_cam));
  const std::string b_mic = b->produce_mic();
  EXPECT_THAT(a->heard(), ElementsAre("+" + b_mic));
  a->get("consume", a->consume_fields(b_mic));
  a.reset();
  EXPECT_THAT(b->heard(), UnorderedElementsAre("-" + a_mic, "-" + a_cam));
  EXPECT_EQ(b->session->peer().consumer_count(), 0u);
}

}  // namespace
}  // namespace sluice::foundry
