// Every request of the protocol with every field missing, null or of another type (foundryvtt 2):
// each is answered at once with an error that names the field, and the connection goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "unit/foundry/foundry_world.h"

namespace sluice::foundry {
namespace {

namespace bj = boost::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// A field by its JSON pointer, with what it may be.
struct Field {
  const char* pointer;
  bj::kind kind;
  /// Otherwise it may be missing or null.
  bool required = true;
};

struct Method {
  const char* name;
  std::vector<Field> fields;
};

// Nested ones as far as requests cannot do without them; the rest is the readers' own.
const std::vector<Method> kMethods = {
    {"createWebRtcTransport",
     {{"/producing", bj::kind::bool_, false},
      {"/consuming", bj::kind::bool_, false},
      {"/forceTcp", bj::kind::bool_, false}}},
    {"connectTransport",
     {{"/transportId", bj::kind::string},
      {"/dtlsParameters", bj::kind::object},
      {"/dtlsParameters/role", bj::kind::string, false},
      {"/dtlsParameters/fingerprints", bj::kind::array},
      {"/dtlsParameters/fingerprints/0", bj::kind::object},
      {"/dtlsParameters/fingerprints/0/algorithm", bj::kind::string},
      {"/dtlsParameters/fingerprints/0/value", bj::kind::string}}},
    {"produce",
     {{"/transportId", bj::kind::string},
      {"/kind", bj::kind::string},
      {"/appData", bj::kind::object, false},
      {"/rtpParameters", bj::kind::object},
      {"/rtpParameters/mid", bj::kind::string, false},
      {"/rtpParameters/codecs", bj::kind::array},
      {"/rtpParameters/codecs/0", bj::kind::object},
      {"/rtpParameters/codecs/0/mimeType", bj::kind::string},
      {"/rtpParameters/codecs/0/payloadType", bj::kind::int64},
      {"/rtpParameters/codecs/0/clockRate", bj::kind::int64},
      {"/rtpParameters/headerExtensions", bj::kind::array, false},
      {"/rtpParameters/headerExtensions/0", bj::kind::object},
      {"/rtpParameters/headerExtensions/0/uri", bj::kind::string},
      {"/rtpParameters/headerExtensions/0/id", bj::kind::int64},
      {"/rtpParameters/encodings", bj::kind::array, false},
      {"/rtpParameters/encodings/0", bj::kind::object},
      {"/rtpParameters/encodings/0/ssrc", bj::kind::int64, false},
      {"/rtpParameters/rtcp", bj::kind::object, false},
      {"/rtpParameters/rtcp/cname", bj::kind::string, false}}},
    {"consume",
     {{"/producerId", bj::kind::string},
      {"/transportId", bj::kind::string, false},
      {"/rtpCapabilities", bj::kind::object},
      {"/rtpCapabilities/codecs", bj::kind::array, false},
      {"/rtpCapabilities/codecs/0", bj::kind::object},
      {"/rtpCapabilities/codecs/0/mimeType", bj::kind::string},
      {"/rtpCapabilities/codecs/0/clockRate", bj::kind::int64},
      {"/rtpCapabilities/headerExtensions", bj::kind::array, false},
      {"/rtpCapabilities/headerExtensions/0/uri", bj::kind::string}}},
    {"pauseProducer", {{"/producerId", bj::kind::string}}},
    {"resumeProducer", {{"/producerId", bj::kind::string}}},
    {"producerClosed", {{"/producerId", bj::kind::string}}},
    {"consumerPause", {{"/consumerId", bj::kind::string}}},
    {"consumerResume", {{"/consumerId", bj::kind::string}}},
    {"consumerClose", {{"/consumerId", bj::kind::string}}},
    {"getTransportState", {{"/transportId", bj::kind::string}}},
    {"watchRoom", {{"/displayName", bj::kind::string}}},
};

/// One value of each type, none of them falsy: where ECMAScript takes a value for absent, so do the
/// readers.
const std::vector<bj::value> kSamples = {7, true, "x", bj::array{1}, bj::object{{"x", 1}}};

bool is_of(const bj::value& value, bj::kind kind) {
  return value.kind() == kind;
}

std::string last_name(std::string_view pointer) {
  return std::string(pointer.substr(pointer.rfind('/') + 1));
}

/// Without the field that `pointer` names; nothing when that is an element of a list.
std::optional<bj::object> without(bj::value request, std::string_view pointer) {
  bj::value& parent = request.at_pointer(pointer.substr(0, pointer.rfind('/')));
  if (!parent.is_object()) {
    return std::nullopt;
  }
  EXPECT_EQ(parent.get_object().erase(last_name(pointer)), 1u) << pointer;
  return std::move(request.get_object());
}

bj::object with(bj::value request, std::string_view pointer, const bj::value& value) {
  request.at_pointer(pointer) = value;
  return std::move(request.get_object());
}

class FoundryMalformed : public FoundryWorld, public testing::WithParamInterface<Form> {
 protected:
  FoundryMalformed() : other_(joined("other")), client_(group, *rooms, GetParam(), "u") {
    client_.join();
    producer_ = client_.produce_mic();
    consumer_ =
        std::string(client_.get("consume", client_.consume_fields(producer_)).at("id").as_string());
    other_->heard();
  }

  /// Fields with which the request is accepted.
  bj::object good_fields(std::string_view method) {
    if (method == "createWebRtcTransport") {
      return {{"producing", false}, {"consuming", false}, {"forceTcp", false}};
    }
    if (method == "connectTransport") {
      std::string value = "AA";
      for (int i = 1; i < 32; ++i) {
        value += ":AA";
      }
      const bj::object fingerprint{{"algorithm", "sha-256"}, {"value", value}};
      return {{"transportId", client_.send_transport},
              {"dtlsParameters",
               bj::object{{"role", "client"}, {"fingerprints", bj::array{fingerprint}}}}};
    }
    if (method == "produce") {
      return client_.produce_fields("video", cam_parameters(), "webcam");
    }
    if (method == "consume") {
      bj::object fields = client_.consume_fields(producer_);
      fields["transportId"] = client_.receive_transport;
      return fields;
    }
    if (method == "getTransportState") {
      return {{"transportId", client_.send_transport}};
    }
    if (method == "watchRoom") {
      return {{"displayName", "Ann"}};
    }
    return method.starts_with("consumer") ? bj::object{{"consumerId", consumer_}}
                                          : bj::object{{"producerId", producer_}};
  }

  /// Sends it in the connection's form and checks the shape of the answer.
  void expect_refusal(const Method& method, const Field& field, bj::object fields) {
    const bj::object answer = client_.ask(method.name, std::move(fields));
    EXPECT_EQ(answer.size(), 3u);
    if (GetParam() == Form::kModule) {
      EXPECT_TRUE(answer.contains("type") && answer.contains("error"));
    } else {
      EXPECT_EQ(answer.at("method").as_string(), "response");
      EXPECT_EQ(answer.at("data").as_object().size(), 1u);
    }
    const std::string name = last_name(field.pointer);
    EXPECT_THAT(Client::error_of(answer),
                AllOf(StartsWith("Invalid request: "), HasSubstr(name == "0" ? "[0]" : name)))
        << method.name << " " << field.pointer;
  }

  std::unique_ptr<Client> other_;
  Client client_;
  std::string producer_;
  std::string consumer_;
};
INSTANTIATE_TEST_SUITE_P(BothForms, FoundryMalformed,
                         testing::Values(Form::kModule, Form::kOriginal), [](const auto& p) {
                           return p.param == Form::kModule ? "Module" : "Original";
                         });

// FOUNDRY-14
TEST_P(FoundryMalformed, Foundry14EveryFieldOfEveryRequest) {
  for (const Method& method : kMethods) {
    const bj::object good = good_fields(method.name);
    for (const Field& field : method.fields) {
      if (field.required) {
        if (auto fields = without(good, field.pointer)) {
          expect_refusal(method, field, *std::move(fields));
        }
        expect_refusal(method, field, with(good, field.pointer, nullptr));
      }
      for (const bj::value& sample : kSamples) {
        if (!is_of(sample, field.kind)) {
          expect_refusal(method, field, with(good, field.pointer, sample));
        }
      }
    }
  }
  // None of them had an effect, and the good ones still work: the last ones close what they name.
  EXPECT_THAT(other_->heard(), testing::IsEmpty());
  EXPECT_EQ(client_.session->peer().transport_count(), 2u);
  EXPECT_EQ(client_.session->peer().consumer_count(), 1u);
  for (const char* method : {"createWebRtcTransport", "connectTransport", "produce", "consume",
                             "pauseProducer", "resumeProducer", "consumerPause", "consumerResume",
                             "consumerClose", "getTransportState", "watchRoom", "producerClosed"}) {
    EXPECT_EQ(client_.refusal(method, good_fields(method)), "") << method;
  }
}

// FOUNDRY-14
TEST_P(FoundryMalformed, Foundry14OptionalFieldsMayBeMissingOrNull) {
  for (const bool null : {false, true}) {
    for (const Field& field : kMethods[0].fields) {
      const bj::object good = good_fields("createWebRtcTransport");
      EXPECT_EQ(
          client_.refusal("createWebRtcTransport", null ? with(good, field.pointer, nullptr)
                                                        : without(good, field.pointer).value()),
          "");
    }
    bj::object fields = good_fields("consume");
    fields = null ? with(fields, "/transportId", nullptr) : without(fields, "/transportId").value();
    EXPECT_EQ(client_.refusal("consume", fields), "");
    fields = client_.produce_fields(
        "video", null ? cam_parameters(30000, "8") : cam_parameters(40000, "9"), "webcam");
    fields = null ? with(fields, "/appData", nullptr) : without(fields, "/appData").value();
    EXPECT_EQ(client_.refusal("produce", fields), "");
  }
  // There are no data channels here, so what is said about them does not matter.
  for (const bj::value& sample : kSamples) {
    EXPECT_EQ(client_.refusal("createWebRtcTransport", {{"sctpCapabilities", sample}}), "");
  }
}

// FOUNDRY-14
TEST_P(FoundryMalformed, Foundry14KindsOtherThanAudioAndVideo) {
  for (const char* kind : {"screen", "Audio", "VIDEO", "application", ""}) {
    EXPECT_THAT(client_.refusal("produce", with(good_fields("produce"), "/kind", kind)),
                StartsWith("Invalid request: kind"))
        << kind;
  }
}

/// 1.4, the envelope itself: what is sent, and the answer (null: none).
// FOUNDRY-14
TEST_P(FoundryMalformed, Foundry14EveryEnvelope) {
  const std::pair<const char*, const char*> cases[] = {
      // No JSON object.
      {"", "null"},
      {"{", "null"},
      {"null", "null"},
      {"7", "null"},
      {R"("text")", "null"},
      {R"([{"type":"foo","requestId":"a"}])", "null"},
      {R"({"type":"foo","requestId":"a")", "null"},
      // No method.
      {R"({})", "null"},
      {R"({"data":{}})", "null"},
      {R"({"type":5})", "null"},
      {R"({"requestId":"a"})",
       R"({"requestId":"a","type":"error","error":"Invalid request: the frame has no method"})"},
      {R"({"requestId":"a","type":5})",
       R"({"requestId":"a","type":"error","error":"Invalid request: the frame has no method"})"},
      {R"({"requestId":"a","type":null,"method":{}})",
       R"({"requestId":"a","type":"error","error":"Invalid request: the frame has no method"})"},
      {R"({"id":"a"})",
       R"({"id":"a","method":"response","data":{"error":"Invalid request: the frame has no method"}})"},
      {R"({"id":"a","method":["foo"]})",
       R"({"id":"a","method":"response","data":{"error":"Invalid request: the frame has no method"}})"},
      // A method that there is not; correlation values of every type come back as they are.
      {R"({"type":"foo"})", "null"},
      {R"({"type":"foo","requestId":null})", "null"},
      {R"({"method":"foo","id":null})", "null"},
      {R"({"type":"","requestId":7})", R"({"requestId":7,"type":"","error":"Unknown method: "})"},
      {R"({"type":"foo","requestId":{"x":[1]}})",
       R"({"requestId":{"x":[1]},"type":"foo","error":"Unknown method: foo"})"},
      {R"({"method":"foo","id":1.5,"data":null})",
       R"({"id":1.5,"method":"response","data":{"error":"Unknown method: foo"}})"},
      {R"({"method":"foo","id":false,"data":7})",
       R"({"id":false,"method":"response","data":{"error":"Unknown method: foo"}})"},
      // Names are exact.
      {R"({"type":"Produce","requestId":"a"})",
       R"({"requestId":"a","type":"Produce","error":"Unknown method: Produce"})"},
      {R"({"type":"newProducer","requestId":"a"})",
       R"({"requestId":"a","type":"newProducer","error":"Unknown method: newProducer"})"},
      // `data` that is no object is none: the field is looked for at the top level.
      {R"({"method":"pauseProducer","id":"a","data":"x"})",
       R"({"id":"a","method":"response","data":{"error":"Invalid request: producerId is missing"}})"},
      {R"({"type":"pauseProducer","requestId":"a","data":[],"producerId":7})",
       R"({"requestId":"a","type":"pauseProducer","error":"Invalid request: producerId is no text"})"},
  };
  client_.frames.clear();
  for (const auto& [sent, answer] : cases) {
    client_.send(sent);
    const bj::value expected = bj::parse(answer);
    ASSERT_EQ(client_.frames.size(), expected.is_null() ? 0u : 1u) << sent;
    if (!expected.is_null()) {
      EXPECT_EQ(bj::value(client_.frames.front()), expected) << sent;
      client_.frames.clear();
    }
  }
  EXPECT_NE(client_.get("getRouterRtpCapabilities"), bj::object{});
}

}  // namespace
}  // namespace sluice::foundry
