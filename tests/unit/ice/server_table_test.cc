// Sharing one port among transports (media-plane 1.12).
#include "protocol/ice/server_table.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "protocol/ice/demux.h"
#include "protocol/stun/binding.h"
#include "unit/ice/peer.h"

namespace sluice::ice {
namespace {

std::vector<uint8_t> request(const Credentials& credentials, std::string username) {
  std::array<uint8_t, 1024> buffer;
  const Bytes written = stun::write_request(
      buffer, {.username = username, .priority = 1, .password = credentials.password});
  return {written.begin(), written.end()};
}

/// A port with agents behind it, wired as its owner would.
class ServerTableTest : public testing::Test {
 protected:
  Agent& add_transport(uint32_t transport, const Credentials& credentials) {
    agents_[transport] = std::make_unique<Agent>(AgentOptions{}, credentials, errors_);
    EXPECT_TRUE(table_.add_ufrag(credentials.ufrag, transport));
    return *agents_[transport];
  }

  void follow(uint32_t transport) {
    while (const auto event = agents_[transport]->poll_event()) {
      table_.apply(*event, transport);
    }
  }

  /// Which transport got the datagram and whether it answered with success.
  std::optional<uint32_t> deliver(Bytes datagram, const Tuple& from, bool* success = nullptr) {
    if (classify(datagram) != PacketClass::kStun) {
      return table_.find(from);
    }
    const auto message = stun::Message::parse(datagram);
    const auto transport = message ? table_.route(*message, from) : std::nullopt;
    if (transport) {
      agents_[*transport]->on_stun(*message, from, 1s);
      follow(*transport);
      const auto answer = agents_[*transport]->poll_transmit();
      if (success != nullptr) {
        *success = answer && stun::Message::parse(answer->bytes())->message_class() ==
                                 stun::MessageClass::kSuccess;
      }
    }
    return transport;
  }

  const std::vector<uint8_t> dtls_ = std::vector<uint8_t>(13, 22);
  const Credentials a_{"ufraga", "passworda"};
  const Credentials b_{"ufragb", "passwordb"};
  ErrorRateLimit errors_;
  ServerTable table_;
  std::map<uint32_t, std::unique_ptr<Agent>> agents_;
};

TEST_F(ServerTableTest, TwoTransportsShareAPort) {
  add_transport(1, a_);
  add_transport(2, b_);
  EXPECT_EQ(deliver(request(a_, "ufraga:x"), path(10)), 1u);
  EXPECT_EQ(deliver(request(b_, "ufragb:x"), path(20)), 2u);
  EXPECT_EQ(deliver(dtls_, path(10)), 1u);
  EXPECT_EQ(deliver(dtls_, path(20)), 2u);
}

TEST_F(ServerTableTest, Ice42DropsAnUnknownUfrag) {  // ICE-42
  add_transport(1, a_);
  EXPECT_EQ(deliver(request(a_, "nobody:x"), path(10)), std::nullopt);
  EXPECT_EQ(deliver(request(a_, "ufrag:x"), path(10)), std::nullopt);
  EXPECT_EQ(deliver(request(a_, "ufragaa:x"), path(10)), std::nullopt);
  EXPECT_EQ(deliver(request(a_, ":ufraga"), path(10)), std::nullopt);
  EXPECT_EQ(deliver(request(a_, std::string(400, 'u') + ":x"), path(10)), std::nullopt);
}

TEST_F(ServerTableTest, Ice42DropsARequestWithoutUsername) {  // ICE-42
  add_transport(1, a_);
  std::array<uint8_t, 64> buffer;
  EXPECT_EQ(deliver(stun::write_request(buffer, {.priority = 1}), path(10)), std::nullopt);
}

TEST_F(ServerTableTest, Ice43DropsDtlsFromAnUnknownTuple) {  // ICE-43
  add_transport(1, a_);
  EXPECT_EQ(deliver(dtls_, path(10)), std::nullopt);
}

TEST_F(ServerTableTest, WithoutColonTheWholeUsernameIsTheUfrag) {
  add_transport(1, a_);
  bool success = true;
  EXPECT_EQ(deliver(request(a_, "ufraga"), path(10), &success), 1u);
  EXPECT_FALSE(success) << "the agent wants the colon";
}

TEST_F(ServerTableTest, AFailedCheckOpensNoTuple) {
  add_transport(1, a_);
  EXPECT_EQ(deliver(request({"ufraga", "guess"}, "ufraga:x"), path(10)), 1u);
  EXPECT_EQ(deliver(dtls_, path(10)), std::nullopt);
}

TEST_F(ServerTableTest, AKnownTupleComesBeforeTheUfrag) {
  add_transport(1, a_);
  add_transport(2, b_);
  deliver(request(a_, "ufraga:x"), path(10));
  EXPECT_EQ(deliver(request(b_, "ufragb:x"), path(10)), 1u);
}

TEST_F(ServerTableTest, TuplesGoWithTheAgentsList) {
  Agent& agent = add_transport(1, a_);
  for (uint16_t n = 1; n <= 20; ++n) {
    deliver(request(a_, "ufraga:x"), path(n));
  }
  EXPECT_EQ(table_.tuple_count(), Agent::kMaxTuples);
  EXPECT_EQ(table_.find(path(2)), std::nullopt);
  EXPECT_EQ(table_.find(path(20)), 1u);
  agent.on_timeout(*agent.next_timeout());
  follow(1);
  EXPECT_EQ(table_.tuple_count(), 0u);
}

TEST_F(ServerTableTest, ARestartKeepsBothUfragsUntilTheNewIsUsed) {
  Agent& agent = add_transport(1, a_);
  deliver(request(a_, "ufraga:x"), path(1));
  ASSERT_TRUE(table_.add_ufrag(b_.ufrag, 1));
  agent.restart(2s, b_);
  follow(1);
  EXPECT_EQ(table_.ufrag_count(), 2u);
  EXPECT_EQ(deliver(dtls_, path(1)), 1u) << "traffic goes on";
  EXPECT_EQ(deliver(request(a_, "ufraga:x"), path(2)), 1u);
  EXPECT_EQ(deliver(request(b_, "ufragb:x"), path(3)), 1u);
  EXPECT_EQ(table_.ufrag_count(), 1u);
  EXPECT_EQ(deliver(request(a_, "ufraga:x"), path(4)), std::nullopt);
}

TEST_F(ServerTableTest, Ice36TheFirstUfragIsUnknownAfterTwoRestarts) {  // ICE-36, ORTC-21
  Agent& agent = add_transport(1, a_);
  table_.add_ufrag("second", 1);
  agent.restart(2s, {"second", "p"});
  table_.add_ufrag("third", 1);
  agent.restart(2s, {"third", "p"});
  follow(1);
  EXPECT_EQ(deliver(request(a_, "ufraga:x"), path(1)), std::nullopt);
  EXPECT_EQ(table_.ufrag_count(), 2u);
}

TEST_F(ServerTableTest, ATakenUfragIsRefused) {
  EXPECT_TRUE(table_.add_ufrag("same", 1));
  EXPECT_FALSE(table_.add_ufrag("same", 2));
  EXPECT_FALSE(table_.add_ufrag("", 2));
  EXPECT_TRUE(table_.add_ufrag(std::string(32, 'x'), 2));
  EXPECT_FALSE(table_.add_ufrag(std::string(33, 'x'), 2));
}

TEST_F(ServerTableTest, OnlyTheOwnerCanRemove) {
  EXPECT_TRUE(table_.add_tuple(path(1), 1));
  EXPECT_TRUE(table_.add_tuple(path(1), 1));
  EXPECT_FALSE(table_.add_tuple(path(1), 2));
  table_.remove_tuple(path(1), 2);
  EXPECT_EQ(table_.find(path(1)), 1u);
  table_.add_ufrag("u", 1);
  table_.remove_ufrag("u", 2);
  EXPECT_EQ(table_.ufrag_count(), 1u);
}

TEST_F(ServerTableTest, AClosedTransportLeavesNothing) {
  Agent& agent = add_transport(1, a_);
  add_transport(2, b_);
  deliver(request(a_, "ufraga:x"), path(1));
  deliver(request(a_, "ufraga:x"), path(2));
  deliver(request(b_, "ufragb:x"), path(3));
  table_.add_ufrag("new", 1);
  agent.restart(2s, {"new", "p"});
  table_.remove_agent(agent, 1);
  EXPECT_EQ(table_.tuple_count(), 1u);
  EXPECT_EQ(table_.ufrag_count(), 1u);
  EXPECT_EQ(table_.find(path(3)), 2u);
}

TEST_F(ServerTableTest, Ice49UdpAndTcpOfOneAddressAreTwo) {  // ICE-49
  EXPECT_TRUE(table_.add_tuple(path(1), 1));
  EXPECT_TRUE(table_.add_tuple(tcp_path(1), 2));
  EXPECT_EQ(table_.find(path(1)), 1u);
  EXPECT_EQ(table_.find(tcp_path(1)), 2u);
  EXPECT_EQ(table_.find(tcp_path(1, 9)), std::nullopt);
}

TEST_F(ServerTableTest, HoldsManyTransports) {
  for (uint32_t i = 0; i < 5000; ++i) {
    ASSERT_TRUE(table_.add_ufrag("u" + std::to_string(i), i));
    ASSERT_TRUE(table_.add_tuple(path(static_cast<uint16_t>(i)), i));
  }
  for (uint32_t i = 0; i < 5000; ++i) {
    ASSERT_EQ(table_.find(path(static_cast<uint16_t>(i))), i);
  }
}

}  // namespace
}  // namespace sluice::ice
