// The sample messages of RFC 5769, which check parsing, integrity and fingerprint against others.
#include <gtest/gtest.h>

#include "protocol/stun/message.h"
#include "unit/stun/vectors.h"

namespace sluice::stun {
namespace {

TEST(Rfc5769, ReadsTheRequest) {
  const auto datagram = vectors::request();
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class(), MessageClass::kRequest);
  EXPECT_EQ(message->method(), kBindingMethod);
  const auto id = vectors::from_hex(vectors::kTransactionId);
  EXPECT_TRUE(std::equal(id.begin(), id.end(), message->transaction_id().begin()));
  EXPECT_EQ(message->software(), "STUN test client");
  EXPECT_EQ(message->priority(), 0x6e0001ffu);
  EXPECT_EQ(message->ice_controlled(), 0x932ff9b151263b36u);
  EXPECT_FALSE(message->ice_controlling());
  EXPECT_EQ(message->username(), "evtj:h6vY");
  EXPECT_TRUE(message->has_integrity());
  EXPECT_TRUE(message->has_fingerprint());
  EXPECT_FALSE(message->use_candidate());
  EXPECT_FALSE(message->nomination());
  EXPECT_TRUE(message->verify_integrity(vectors::kPassword));
}

TEST(Rfc5769, ReadsTheIpv4Response) {
  const auto datagram = vectors::response_ipv4();
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class(), MessageClass::kSuccess);
  EXPECT_EQ(message->software(), "test vector");
  EXPECT_EQ(message->xor_mapped_address()->to_string(), "192.0.2.1:32853");
  EXPECT_TRUE(message->verify_integrity(vectors::kPassword));
}

TEST(Rfc5769, Ice41ReadsTheIpv6Response) {  // ICE-41
  const auto datagram = vectors::response_ipv6();
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class(), MessageClass::kSuccess);
  EXPECT_EQ(message->xor_mapped_address()->to_string(),
            "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
  EXPECT_TRUE(message->verify_integrity(vectors::kPassword));
}

}  // namespace
}  // namespace sluice::stun
