#include "dialects/foundry/message.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

namespace sluice::foundry {
namespace {

namespace bj = boost::json;

Request parsed(std::string_view text) {
  auto request = parse_request(text);
  EXPECT_TRUE(request) << text;
  return request ? std::move(*request) : Request{};
}

bj::value json(std::string_view text) {
  return bj::parse(text);
}

// Frames of the browser module (1.2).

TEST(FoundryMessage, ModuleRequestIsAnsweredInItsForm) {
  const Request request =
      parsed(R"({"type":"consume","producerId":"p","requestId":"req_7","userId":"u"})");
  EXPECT_EQ(request.method, "consume");
  EXPECT_EQ(request.named_by, Form::kModule);
  EXPECT_EQ(request.answer, Form::kModule);
  EXPECT_EQ(request.user_id(), "u");
  ASSERT_NE(request.parameter("producerId"), nullptr);
  EXPECT_EQ(request.parameter("producerId")->as_string(), "p");
  EXPECT_EQ(json(write_result(request, "consumed", {{"id", "c"}})),
            json(R"({"requestId":"req_7","type":"consumed","data":{"id":"c"}})"));
  EXPECT_EQ(json(write_error(request, "consumed", "no")),
            json(R"({"requestId":"req_7","type":"consumed","error":"no"})"));
}

TEST(FoundryMessage, ResultWithNothingToSayHasAnEmptyObject) {
  const Request request = parsed(R"({"type":"pauseProducer","requestId":"a"})");
  EXPECT_EQ(json(write_result(request, "pauseProducer", {})),
            json(R"({"requestId":"a","type":"pauseProducer","data":{}})"));
}

TEST(FoundryMessage, ErrorIsNeverEmpty) {
  // The module takes an empty error for success.
  const Request request = parsed(R"({"type":"x","requestId":"a"})");
  EXPECT_FALSE(json(write_error(request, "x", "")).at("error").as_string().empty());
}

// Frames of the original server (1.3).

// FOUNDRY-9.1b
TEST(FoundryMessage, Foundry91bOriginalFrameWithAnIdIsARequest) {
  const std::string text =
      bj::serialize(json(R"({"id":"1","method":"getRouterRtpCapabilities","data":{}})"));
  const Request request = parsed(text);
  EXPECT_EQ(request.method, "getRouterRtpCapabilities");
  EXPECT_TRUE(request.wants_answer());
  EXPECT_EQ(request.answer, Form::kOriginal);
  EXPECT_EQ(bj::value(request.body), json(text));
}

// FOUNDRY-9.1c
TEST(FoundryMessage, Foundry91cOriginalFrameWithoutAnIdIsANotification) {
  const Request request = parsed(
      R"({"method":"newProducer","data":{"id":"producer-123","userId":"user-456","kind":"video"}})");
  EXPECT_FALSE(request.wants_answer());
  EXPECT_EQ(request.method, "newProducer");
  EXPECT_EQ(request.parameter("id")->as_string(), "producer-123");
  EXPECT_EQ(request.user_id(), "user-456");
  EXPECT_EQ(request.parameter("kind")->as_string(), "video");
}

TEST(FoundryMessage, OriginalRequestIsAnsweredInItsForm) {
  const Request request = parsed(R"({"id":"1","method":"consume","data":{"producerId":"p"}})");
  EXPECT_EQ(request.named_by, Form::kOriginal);
  EXPECT_EQ(request.parameter("producerId")->as_string(), "p");
  EXPECT_EQ(json(write_result(request, "consumed", {{"id", "c"}})),
            json(R"({"id":"1","method":"response","data":{"id":"c"}})"));
  EXPECT_EQ(json(write_error(request, "consumed", "no")),
            json(R"({"id":"1","method":"response","data":{"error":"no"}})"));
}

// Mixtures (1.4).

TEST(FoundryMessage, CorrelationKeepsItsJsonType) {
  for (const char* id : {"7", "-1.5", "true", "\"7\"", "[1,2]", R"({"a":null})"}) {
    const Request request = parsed(std::string(R"({"method":"m","id":)") + id + "}");
    EXPECT_EQ(json(write_result(request, "m", {})).at("id"), json(id)) << id;
  }
}

TEST(FoundryMessage, NullCorrelationAsksForNoAnswer) {
  EXPECT_FALSE(parsed(R"({"method":"m","id":null})").wants_answer());
  EXPECT_FALSE(parsed(R"({"type":"m","requestId":null})").wants_answer());
  EXPECT_EQ(parsed(R"({"type":"m","requestId":null,"id":"1"})").answer, Form::kOriginal);
}

TEST(FoundryMessage, RequestIdDecidesTheFormOfTheAnswerAndTheMethodKeyThatOfTheConnection) {
  const Request request = parsed(R"({"method":"m","requestId":"a","id":"b"})");
  EXPECT_EQ(request.answer, Form::kModule);
  EXPECT_EQ(request.correlation.as_string(), "a");
  EXPECT_EQ(request.named_by, Form::kOriginal);
}

TEST(FoundryMessage, MethodWinsOverType) {
  const Request request = parsed(R"({"type":"t","method":"m"})");
  EXPECT_EQ(request.method, "m");
  EXPECT_EQ(request.named_by, Form::kOriginal);
}

TEST(FoundryMessage, TypeCountsWhenMethodIsNoText) {
  const Request request = parsed(R"({"type":"t","method":5})");
  EXPECT_EQ(request.method, "t");
  EXPECT_EQ(request.named_by, Form::kModule);
}

TEST(FoundryMessage, FrameWithoutAMethodIsToldApart) {
  for (const char* text : {R"({"requestId":"a"})", R"({"requestId":"a","type":1})",
                           R"({"requestId":"a","method":{}})"}) {
    const Request request = parsed(text);
    EXPECT_EQ(request.named_by, Form::kNone) << text;
    EXPECT_TRUE(request.wants_answer()) << text;
  }
}

TEST(FoundryMessage, ParametersComeFromDataFirstAndFromTheTopLevelOtherwise) {
  const Request request = parsed(
      R"({"type":"t","a":"top","b":"top","c":null,"data":{"a":"data","b":null,"c":"data"}})");
  EXPECT_EQ(request.parameter("a")->as_string(), "data");
  EXPECT_EQ(request.parameter("b")->as_string(), "top");
  EXPECT_EQ(request.parameter("c")->as_string(), "data");
  EXPECT_EQ(request.parameter("d"), nullptr);
}

TEST(FoundryMessage, DataThatIsNoObjectIsNotLookedInto) {
  for (const char* data : {"null", "[]", "\"x\"", "0"}) {
    const Request request = parsed(std::string(R"({"method":"m","a":1,"data":)") + data + "}");
    ASSERT_NE(request.parameter("a"), nullptr) << data;
    EXPECT_EQ(request.parameter("b"), nullptr) << data;
  }
}

TEST(FoundryMessage, UserIdIsTheFirstNonEmptyText) {
  EXPECT_EQ(parsed(R"({"type":"t","userId":"a","data":{"userId":"b"}})").user_id(), "a");
  EXPECT_EQ(parsed(R"({"type":"t","userId":"","data":{"userId":"b"}})").user_id(), "b");
  EXPECT_EQ(parsed(R"({"type":"t","userId":null,"appData":{"userId":"c"}})").user_id(), "c");
  EXPECT_EQ(parsed(R"({"method":"t","data":{"appData":{"userId":"c"}}})").user_id(), "c");
  EXPECT_EQ(parsed(R"({"type":"t","userId":5,"appData":{"userId":[]}})").user_id(), "");
  EXPECT_EQ(parsed(R"({"type":"t","appData":"userId"})").user_id(), "");
}

TEST(FoundryMessage, WhatIsNoJsonObjectIsRefused) {
  for (const char* text :
       {"", " ", "x", "null", "1", "\"type\"", "[]", R"([{"type":"t"}])", "{", R"({"type":"t")",
        R"({"type":"t"} x)", R"({type:"t"})", R"({'type':'t'})", R"({"type":"t",})",
        "{\"type\":\"\xff\"}", "{\"type\":\"a\nb\"}", R"({"a":NaN})", R"({"type":"\ud800"})"}) {
    EXPECT_FALSE(parse_request(text)) << text;
  }
}

TEST(FoundryMessage, EveryTruncationIsRefused) {
  const std::string text = R"({"type":"consume","data":{"a":[1,"é"]},"requestId":"r","id":null})";
  ASSERT_TRUE(parse_request(text));
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_FALSE(parse_request(std::string_view(text).substr(0, length))) << length;
  }
}

TEST(FoundryMessage, DeepNestingIsRefused) {
  EXPECT_FALSE(
      parse_request(R"({"type":"t","a":)" + std::string(1000, '[') + std::string(1000, ']') + "}"));
}

TEST(FoundryMessage, EmptyMethodNameIsAName) {
  EXPECT_EQ(parsed(R"({"method":"","id":"1"})").named_by, Form::kOriginal);
}

// Notifications (1.2 to 1.5).

ProducerNotice notice() {
  return {.producer_id = "p",
          .owner = "o",
          .user_id = "u",
          .kind = "audio",
          .app_data = {{"mediaTag", "mic"}, {"rtpParameters", bj::object{}}}};
}

TEST(FoundryMessage, NewProducerForTheModuleIsFlat) {
  const bj::value frame = json(write_new_producer(Form::kModule, notice()));
  EXPECT_EQ(frame,
            json(R"({"type":"newProducer","producerId":"p","userId":"u","peerId":"o","kind":"audio",
                            "appData":{"mediaTag":"mic","rtpParameters":{}}})"));
}

TEST(FoundryMessage, NewProducerForTheOriginalIsNested) {
  EXPECT_EQ(json(write_new_producer(Form::kOriginal, notice())),
            json(R"({"id":null,"method":"newProducer","data":{"id":"p","producerId":"p",
                     "userId":"u","peerId":"o","kind":"audio","appData":{"mediaTag":"mic","rtpParameters":{}}}})"));
}

TEST(FoundryMessage, NewProducerForWhoHasNotSpokenHasBothForms) {
  EXPECT_EQ(
      json(write_new_producer(Form::kNone, notice())),
      json(R"({"id":null,"method":"newProducer","type":"newProducer","producerId":"p","userId":"u",
               "peerId":"o","kind":"audio","appData":{"mediaTag":"mic","rtpParameters":{}},
               "data":{"id":"p","producerId":"p","userId":"u","peerId":"o","kind":"audio",
                       "appData":{"mediaTag":"mic","rtpParameters":{}}}})"));
}

TEST(FoundryMessage, ProducerClosedInAllForms) {
  EXPECT_EQ(json(write_producer_closed(Form::kModule, "p")),
            json(R"({"type":"producerClosed","producerId":"p"})"));
  EXPECT_EQ(json(write_producer_closed(Form::kOriginal, "p")),
            json(R"({"id":null,"method":"producerClosed","data":{"producerId":"p"}})"));
  EXPECT_EQ(json(write_producer_closed(Form::kNone, "p")),
            json(R"({"id":null,"method":"producerClosed","type":"producerClosed","producerId":"p",
                     "data":{"producerId":"p"}})"));
}

}  // namespace
}  // namespace sluice::foundry
