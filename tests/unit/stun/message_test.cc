// What a message is made of, and each reason to reject one (media-plane 1.2, rules 1 to 7).
#include "protocol/stun/message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "protocol/stun/integrity_key.h"
#include "protocol/stun/message_writer.h"
#include "unit/stun/vectors.h"

namespace sluice::stun {
namespace {

constexpr std::array<uint8_t, 12> kId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

constexpr AttributeType type_of(uint16_t raw) {
  return static_cast<AttributeType>(raw);
}

/// A Binding request with the attributes that `fill` writes.
std::vector<uint8_t> make(const std::function<void(MessageWriter&)>& fill,
                          MessageClass message_class = MessageClass::kRequest,
                          uint16_t method = kBindingMethod) {
  std::vector<uint8_t> buffer(2048);
  MessageWriter writer(buffer, message_class, method, kId);
  fill(writer);
  buffer.resize(writer.finish().size());
  return buffer;
}

void expect_rejected(const std::vector<uint8_t>& datagram, ParseError error) {
  const auto message = Message::parse(datagram);
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error(), error) << to_string(message.error());
}

std::vector<uint8_t> of_size(size_t size) {
  return std::vector<uint8_t>(size, 'x');
}

TEST(StunMessage, AcceptsOneWithoutAttributes) {
  const auto datagram = make([](MessageWriter&) {});
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->has_fingerprint());
  EXPECT_FALSE(message->has_integrity());
  EXPECT_FALSE(message->username());
  EXPECT_FALSE(message->priority());
  EXPECT_FALSE(message->software());
  EXPECT_FALSE(message->xor_mapped_address());
  EXPECT_FALSE(message->error_code());
  EXPECT_FALSE(message->verify_integrity("password"));
  EXPECT_TRUE(std::ranges::equal(message->transaction_id(), kId));
}

TEST(StunMessage, TellsClassAndMethodApart) {
  for (const MessageClass message_class : {MessageClass::kRequest, MessageClass::kIndication,
                                           MessageClass::kSuccess, MessageClass::kError}) {
    // Methods above 0xff do not pass recognition, which allows only values below 3 in the first
    // byte.
    for (uint16_t method = 0; method < 0x100; ++method) {
      const auto datagram = make([](MessageWriter&) {}, message_class, method);
      const auto message = Message::parse(datagram);
      if (!message) {
        EXPECT_EQ(datagram[0], 3) << method;
        continue;
      }
      EXPECT_EQ(message->message_class(), message_class) << method;
      EXPECT_EQ(message->method(), method);
    }
  }
}

TEST(StunMessage, ReadsTheIndicationVector) {
  const auto datagram = vectors::indication();
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class(), MessageClass::kIndication);
  EXPECT_EQ(message->method(), kBindingMethod);
}

TEST(StunMessage, ReadsTheErrorVector) {
  const auto datagram = vectors::error_401();
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class(), MessageClass::kError);
  EXPECT_EQ(message->error_code()->code, 401);
  EXPECT_EQ(message->error_code()->reason, "");
}

TEST(StunMessage, ReadsTheWordsOfAnError) {
  const auto datagram =
      make([](MessageWriter& w) { w.error_code(487, "Role Conflict"); }, MessageClass::kError);
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->error_code()->code, 487);
  EXPECT_EQ(message->error_code()->reason, "Role Conflict");
}

TEST(StunMessage, Ice04RejectsALengthThatIsNotTheReal) {  // ICE-04
  for (const int difference : {-4, 4}) {
    auto datagram = vectors::request();
    store_be16(&datagram[2], static_cast<uint16_t>(datagram.size() - 20 + difference));
    expect_rejected(datagram, ParseError::kLength);
  }
}

TEST(StunMessage, Ice05RejectsALengthThatIsNotAMultipleOfFour) {  // ICE-05
  for (size_t extra = 1; extra < 4; ++extra) {
    auto datagram = make([](MessageWriter&) {});
    datagram.resize(20 + extra);
    store_be16(&datagram[2], static_cast<uint16_t>(extra));
    expect_rejected(datagram, ParseError::kLength);
  }
}

TEST(StunMessage, RejectsEveryTruncation) {
  for (const auto& datagram :
       {vectors::request(), vectors::response_ipv4(), vectors::response_ipv6()}) {
    for (size_t size = 0; size < datagram.size(); ++size) {
      EXPECT_FALSE(Message::parse(Bytes(datagram).first(size))) << size;
    }
  }
}

TEST(StunMessage, TruncationWithAMatchingLengthIsNeverReadPastTheEnd) {
  // A copy of exactly that size, so that the address sanitizer sees any read beyond it.
  const auto datagram = vectors::request();
  for (size_t size = 20; size < datagram.size(); size += 4) {
    std::vector<uint8_t> cut(datagram.begin(), datagram.begin() + static_cast<ptrdiff_t>(size));
    store_be16(&cut[2], static_cast<uint16_t>(size - 20));
    const auto message = Message::parse(cut);
    if (message) {
      EXPECT_FALSE(message->has_fingerprint()) << size;
    }
  }
}

TEST(StunMessage, Ice06RejectsAnAttributeThatRunsPastTheEnd) {  // ICE-06
  auto datagram = make([](MessageWriter& w) { w.attribute(AttributeType::kUsername, "abcd"); });
  store_be16(&datagram[22], 5);
  expect_rejected(datagram, ParseError::kTruncated);
  store_be16(&datagram[22], 0xffff);
  expect_rejected(datagram, ParseError::kTruncated);
}

TEST(StunMessage, Ice07RejectsAnAttributeAfterFingerprint) {  // ICE-07
  const auto datagram = make([](MessageWriter& w) {
    w.fingerprint();
    w.attribute(AttributeType::kSoftware, "late");
  });
  expect_rejected(datagram, ParseError::kAfterFingerprint);
}

TEST(StunMessage, RejectsASecondFingerprint) {
  const auto datagram = make([](MessageWriter& w) {
    w.fingerprint();
    w.fingerprint();
  });
  expect_rejected(datagram, ParseError::kAfterFingerprint);
}

TEST(StunMessage, Ice08RejectsAnAttributeAfterIntegrity) {  // ICE-08
  IntegrityKey key("password");
  const auto datagram = make([&](MessageWriter& w) {
    w.integrity(key);
    w.attribute(AttributeType::kSoftware, "late");
  });
  expect_rejected(datagram, ParseError::kAfterIntegrity);
}

TEST(StunMessage, RejectsAnUnknownAttributeAfterIntegrity) {
  IntegrityKey key("password");
  const auto datagram = make([&](MessageWriter& w) {
    w.integrity(key);
    w.attribute(type_of(0xc057), "late");
  });
  expect_rejected(datagram, ParseError::kAfterIntegrity);
}

TEST(StunMessage, LetsTheSha256IntegrityFollowTheFirst) {
  IntegrityKey key("password");
  const auto datagram = make([&](MessageWriter& w) {
    w.integrity(key);
    w.attribute(AttributeType::kMessageIntegritySha256, of_size(32));
    w.fingerprint();
  });
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  // The first tag covers a message that ends after itself, whatever follows.
  EXPECT_TRUE(message->verify_integrity("password"));
}

TEST(StunMessage, Ice09RejectsAShortIntegrity) {  // ICE-09
  const auto datagram =
      make([](MessageWriter& w) { w.attribute(AttributeType::kMessageIntegrity, of_size(16)); });
  expect_rejected(datagram, ParseError::kAttributeSize);
}

TEST(StunMessage, Ice10RejectsALongPriority) {  // ICE-10
  const auto datagram =
      make([](MessageWriter& w) { w.attribute_u64(AttributeType::kPriority, 1); });
  expect_rejected(datagram, ParseError::kAttributeSize);
}

struct SizeRule {
  AttributeType type;
  std::vector<size_t> good;
  std::vector<size_t> bad;
};

TEST(StunMessage, ChecksTheSizeOfEveryKnownAttribute) {
  const SizeRule rules[] = {
      {AttributeType::kUsername, {0, 1, 512, 513}, {514, 1000}},
      {AttributeType::kMessageIntegrity, {20}, {0, 16, 19, 21, 24, 32}},
      {AttributeType::kErrorCode, {4, 5, 100}, {0, 3}},
      {AttributeType::kPriority, {4}, {0, 3, 5, 8}},
      {AttributeType::kUseCandidate, {0}, {1, 4}},
      {AttributeType::kSoftware, {0, 1, 762}, {763, 800}},
      {AttributeType::kIceControlled, {8}, {0, 4, 7, 9, 12}},
      {AttributeType::kIceControlling, {8}, {0, 4, 7, 9, 12}},
      {AttributeType::kNomination, {4}, {0, 3, 5, 8}},
      {AttributeType::kMessageIntegritySha256, {16, 20, 32}, {0, 12, 15, 18, 33, 36}},
      {AttributeType::kFingerprint, {}, {0, 3, 5, 8}},
      {AttributeType::kXorMappedAddress, {}, {0, 4, 7, 9, 12, 16, 19, 21, 24}},
  };
  for (const SizeRule& rule : rules) {
    for (const size_t size : rule.good) {
      const auto datagram = make([&](MessageWriter& w) { w.attribute(rule.type, of_size(size)); });
      EXPECT_TRUE(Message::parse(datagram)) << static_cast<int>(rule.type) << " " << size;
    }
    for (const size_t size : rule.bad) {
      const auto datagram = make([&](MessageWriter& w) { w.attribute(rule.type, of_size(size)); });
      expect_rejected(datagram, ParseError::kAttributeSize);
    }
  }
}

TEST(StunMessage, RejectsAnAddressWhoseFamilyAndSizeDisagree) {
  for (const size_t size : {8, 20}) {
    for (unsigned family = 0; family < 4; ++family) {
      std::vector<uint8_t> value(size);
      value[1] = static_cast<uint8_t>(family);
      const auto datagram =
          make([&](MessageWriter& w) { w.attribute(AttributeType::kXorMappedAddress, value); });
      EXPECT_EQ(Message::parse(datagram).has_value(), family == (size == 8 ? 1u : 2u));
    }
  }
}

TEST(StunMessage, Ice11RejectsAWrongFingerprint) {  // ICE-11
  auto datagram = vectors::request();
  datagram.back() ^= 0x01;
  expect_rejected(datagram, ParseError::kFingerprint);
}

TEST(StunMessage, RejectsAnyFlippedBitThatTheFingerprintCovers) {
  // Header bytes are left out: they already fail recognition or the length rule.
  const auto datagram = vectors::request();
  for (size_t i = 8; i < datagram.size(); ++i) {
    auto flipped = datagram;
    flipped[i] ^= 0x10;
    EXPECT_FALSE(Message::parse(flipped)) << i;
  }
}

TEST(StunMessage, Ice12SkipsUnknownRequiredAttributes) {  // ICE-12
  IntegrityKey key("password");
  const auto datagram = make([&](MessageWriter& w) {
    w.attribute(type_of(0x0099), "abc");
    w.attribute(type_of(0x8099), "optional ones are not counted");
    w.attribute(type_of(0x7fff), "");
    w.attribute_u32(AttributeType::kPriority, 7);
    w.integrity(key);
    w.fingerprint();
  });
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->unknown_required(), 2u);
  EXPECT_EQ(message->priority(), 7u);
  EXPECT_TRUE(message->verify_integrity("password"));
}

TEST(StunMessage, TheFirstOfTwoEqualAttributesCounts) {
  const auto datagram = make([](MessageWriter& w) {
    w.attribute(AttributeType::kUsername, "first");
    w.attribute(AttributeType::kUsername, "second");
    w.attribute_u32(AttributeType::kPriority, 1);
    w.attribute_u32(AttributeType::kPriority, 2);
  });
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->username(), "first");
  EXPECT_EQ(message->priority(), 1u);
}

TEST(StunMessage, TheOrderOfAttributesDoesNotMatter) {
  const auto datagram = make([](MessageWriter& w) {
    w.attribute_u32(AttributeType::kNomination, 9);
    w.attribute(AttributeType::kUseCandidate, Bytes{});
    w.attribute_u64(AttributeType::kIceControlling, 5);
    w.attribute_u32(AttributeType::kPriority, 1);
    w.attribute(AttributeType::kUsername, "a:b");
  });
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->nomination(), 9u);
  EXPECT_TRUE(message->use_candidate());
  EXPECT_EQ(message->ice_controlling(), 5u);
  EXPECT_EQ(message->username(), "a:b");
}

TEST(StunMessage, PaddingMayHoldAnything) {
  auto datagram = make([](MessageWriter& w) { w.attribute(AttributeType::kUsername, "a"); });
  std::fill(datagram.end() - 3, datagram.end(), uint8_t{0xee});
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->username(), "a");
}

TEST(StunMessage, IntegrityFailsWithAnotherPassword) {
  const auto datagram = vectors::request();
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->verify_integrity("VOkJxbRl1RmTxUk/WvJxBT"));
  EXPECT_FALSE(message->verify_integrity(""));
}

TEST(StunMessage, IntegrityCoversEveryByteBeforeIt) {
  IntegrityKey key("password");
  const auto datagram = make([&](MessageWriter& w) {
    w.attribute(AttributeType::kUsername, "a:b");
    w.integrity(key);
  });
  for (size_t i = 8; i < datagram.size(); ++i) {
    auto flipped = datagram;
    flipped[i] ^= 0x01;
    const auto message = Message::parse(flipped);
    EXPECT_FALSE(message && message->verify_integrity(key)) << i;
  }
}

}  // namespace
}  // namespace sluice::stun
