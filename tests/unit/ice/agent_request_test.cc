// The checks on a request, in their order, and what is answered (media-plane 1.5).
#include <algorithm>

#include "protocol/stun/message_writer.h"
#include "unit/ice/peer.h"

namespace sluice::ice {
namespace {

using AgentRequest = AgentTest;

std::vector<uint8_t> bare(stun::MessageClass message_class, uint16_t method) {
  std::vector<uint8_t> buffer(64);
  const std::array<uint8_t, 12> id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  stun::MessageWriter writer(buffer, message_class, method, id);
  writer.fingerprint();
  buffer.resize(writer.finish().size());
  return buffer;
}

TEST_F(AgentRequest, DropsWhatDoesNotParse) {
  auto datagram = request(known_, {});
  datagram.back() ^= 1;
  EXPECT_EQ(raw(datagram), 0);
  EXPECT_EQ(agent_.counters().malformed, 1u);
  EXPECT_EQ(agent_.state(), State::kNew);
}

TEST_F(AgentRequest, Ice04DropsAWrongLengthWithoutReply) {  // ICE-04
  auto datagram = request(known_, {});
  store_be16(&datagram[2], static_cast<uint16_t>(load_be16(&datagram[2]) + 4));
  EXPECT_EQ(raw(datagram), 0);
  EXPECT_EQ(events(), Events{});
}

TEST_F(AgentRequest, DropsEveryTruncationOfAGoodRequest) {
  const auto datagram = request(known_, {});
  for (size_t size = 0; size < datagram.size(); ++size) {
    EXPECT_EQ(raw(Bytes(datagram).first(size)), 0) << size;
  }
  EXPECT_EQ(events(), Events{});
}

TEST_F(AgentRequest, Ice12AcceptsUnknownRequiredAttributesAndCountsThem) {  // ICE-12
  std::array<uint8_t, 256> buffer;
  const std::array<uint8_t, 12> id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  stun::IntegrityKey key(known_.password);
  stun::MessageWriter writer(buffer, stun::MessageClass::kRequest, stun::kBindingMethod, id);
  writer.attribute(static_cast<stun::AttributeType>(0x0099), "private");
  writer.attribute(stun::AttributeType::kUsername, "localufrag:peer");
  writer.attribute_u32(stun::AttributeType::kPriority, 1);
  writer.integrity(key);
  writer.fingerprint();
  EXPECT_EQ(raw(writer.finish()), 200);
  EXPECT_EQ(agent_.counters().unknown_attributes, 1u);
}

TEST_F(AgentRequest, Ice13DropsIndications) {  // ICE-13
  EXPECT_EQ(raw(bare(stun::MessageClass::kIndication, stun::kBindingMethod)), 0);
  EXPECT_EQ(agent_.counters().ignored, 1u);
}

TEST_F(AgentRequest, Ice14DropsResponses) {  // ICE-14
  EXPECT_EQ(raw(bare(stun::MessageClass::kSuccess, stun::kBindingMethod)), 0);
  EXPECT_EQ(raw(bare(stun::MessageClass::kError, stun::kBindingMethod)), 0);
  EXPECT_EQ(agent_.counters().ignored, 2u);
}

TEST_F(AgentRequest, AnErrorIsNotLargerThanItsRequest) {  // ATTACK-11
  EXPECT_EQ(raw(bare(stun::MessageClass::kRequest, stun::kBindingMethod)), 0);
  EXPECT_EQ(agent_.counters().bad_requests, 1u);
  EXPECT_EQ(agent_.counters().errors_withheld, 1u);
}

TEST_F(AgentRequest, Ice15AnswersOtherMethodsWith400) {  // ICE-15
  std::array<uint8_t, 64> buffer;
  const std::array<uint8_t, 12> id{};
  stun::MessageWriter writer(buffer, stun::MessageClass::kRequest, 0x003, id);
  writer.attribute(stun::AttributeType::kSoftware, "as long as the answer");
  EXPECT_EQ(raw(writer.finish()), 400);
}

TEST_F(AgentRequest, Ice15AnswersOtherMethodsWith400EvenWhenAllElseIsGood) {  // ICE-15
  std::array<uint8_t, 256> buffer;
  const std::array<uint8_t, 12> id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  stun::IntegrityKey key(known_.password);
  stun::MessageWriter writer(buffer, stun::MessageClass::kRequest, 0x003, id);
  writer.attribute(stun::AttributeType::kUsername, "localufrag:peer");
  writer.attribute_u32(stun::AttributeType::kPriority, 1);
  writer.integrity(key);
  writer.fingerprint();
  EXPECT_EQ(raw(writer.finish()), 400);
  EXPECT_EQ(agent_.tuple_count(), 0u);
}

TEST_F(AgentRequest, Ice16NeedsAFingerprint) {  // ICE-16
  EXPECT_EQ(check(1, {.with_fingerprint = false}), 400);
  EXPECT_EQ(agent_.tuple_count(), 0u);
}

TEST_F(AgentRequest, Ice17NeedsAPriority) {  // ICE-17
  EXPECT_EQ(check(1, {.priority = 0}), 400);
  EXPECT_EQ(check(1, {.priority = std::nullopt}), 400);
  EXPECT_EQ(agent_.tuple_count(), 0u);
}

TEST_F(AgentRequest, Ice18NeedsAUsername) {  // ICE-18
  EXPECT_EQ(check(1, {.with_username = false}), 400);
}

TEST_F(AgentRequest, NeedsIntegrity) {
  EXPECT_EQ(check(1, {.with_integrity = false}), 400);
}

TEST_F(AgentRequest, Ice19NeedsTheColonOfAUsername) {  // ICE-19
  EXPECT_EQ(check(1, {.username = "localufrag"}), 401);
}

TEST_F(AgentRequest, Ice20NeedsTheWholeUfrag) {  // ICE-20
  EXPECT_EQ(check(1, {.username = "localufragX:peer"}), 401);
  EXPECT_EQ(check(1, {.username = "localufra:peer"}), 401);
  EXPECT_EQ(check(1, {.username = ":localufrag"}), 401);
  EXPECT_EQ(check(1, {.username = ""}), 401);
}

TEST_F(AgentRequest, Ice21IgnoresWhatFollowsTheColon) {  // ICE-21
  EXPECT_EQ(check(1, {.username = "localufrag:" + std::string(480, 'p')}), 200);
  EXPECT_EQ(check(1, {.username = "localufrag:"}), 200);
}

TEST(AgentWithFullLengthUfrag, Ice21TakesThePeersLongestUsername) {  // ICE-21
  ErrorRateLimit errors;
  const Credentials local = Credentials::generate();
  Agent agent({}, local, errors);
  std::array<uint8_t, 1024> buffer;
  const std::string username = local.ufrag + ":" + std::string(480, 'p');
  agent.on_stun(stun::write_request(
                    buffer, {.username = username, .priority = 1, .password = local.password}),
                path(1), 0s);
  EXPECT_EQ(agent.state(), State::kConnected);
}

TEST_F(AgentRequest, Ice22RejectsAWrongPassword) {  // ICE-22
  EXPECT_EQ(check_with({known_.ufrag, "guess"}, path(1)), 401);
  EXPECT_EQ(agent_.tuple_count(), 0u);
  EXPECT_EQ(events(), Events{});
  EXPECT_EQ(agent_.counters().unauthorized, 1u);
}

TEST_F(AgentRequest, Ice23RejectsAPeerThatThinksItIsControlled) {  // ICE-23
  EXPECT_EQ(check(1, {.controlling = std::nullopt, .controlled = 5}), 487);
  EXPECT_EQ(agent_.tuple_count(), 0u);
  EXPECT_EQ(agent_.counters().role_conflicts, 1u);
}

TEST_F(AgentRequest, ARoleConflictIsOnlyToldToThoseWhoKnowThePassword) {
  EXPECT_EQ(
      check_with({known_.ufrag, "guess"}, path(1), {.controlling = std::nullopt, .controlled = 5}),
      401);
}

TEST_F(AgentRequest, NeedsNoRoleAttribute) {
  EXPECT_EQ(check(1, {.controlling = std::nullopt}), 200);
}

TEST_F(AgentRequest, ErrorsStaySmall) {
  agent_.on_stun(request(known_, {.with_fingerprint = false}), path(1), now_);
  EXPECT_EQ(agent_.poll_transmit()->size, 36u);
}

TEST_F(AgentRequest, AnswersIpv6) {
  Tuple tuple = path(1);
  tuple.local.ip = *IpAddress::parse("2001:db8::1");
  tuple.remote.ip = *IpAddress::parse("2001:db8::2");
  EXPECT_EQ(check(tuple), 200);
}

TEST_F(AgentRequest, AnswersOnTheTupleOfTheRequestWhateverIsSelected) {
  check(1);
  EXPECT_EQ(check(2), 200);  // `answer` compares the destination
  EXPECT_EQ(selected(), 1);
}

TEST_F(AgentRequest, LimitsErrorsPerSource) {
  for (uint32_t i = 0; i < ErrorRateLimit::kPerSource; ++i) {
    EXPECT_EQ(check(1, {.with_fingerprint = false}), 400);
  }
  EXPECT_EQ(check(1, {.with_fingerprint = false}), 0);
  EXPECT_EQ(agent_.counters().errors_withheld, 1u);
  EXPECT_EQ(check(2, {.with_fingerprint = false}), 400) << "another address has its own share";
  EXPECT_EQ(check(1), 200) << "success is not limited";
  now_ += 1s;
  EXPECT_EQ(check(1, {.with_fingerprint = false}), 400);
}

TEST_F(AgentRequest, ParsedMessagesAreTakenToo) {
  const auto datagram = request(known_, {});
  agent_.on_stun(*stun::Message::parse(datagram), path(1), now_);
  EXPECT_EQ(answer(path(1), known_), 200);
}

}  // namespace
}  // namespace sluice::ice
