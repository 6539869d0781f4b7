// Writing messages: against known bytes, and read back.
#include "protocol/stun/binding.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/stun/message_writer.h"
#include "unit/stun/vectors.h"

namespace sluice::stun {
namespace {

std::vector<uint8_t> copy(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(MessageWriter, RebuildsTheRfc5769Responses) {
  struct Sample {
    std::vector<uint8_t> datagram;
    const char* address;
  };
  const Sample samples[] = {
      {vectors::response_ipv4(), "192.0.2.1:32853"},
      {vectors::response_ipv6(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853"},
  };
  for (const Sample& sample : samples) {
    std::array<uint8_t, 128> buffer;
    IntegrityKey key(vectors::kPassword);
    const auto id = vectors::from_hex(vectors::kTransactionId);
    MessageWriter writer(buffer, MessageClass::kSuccess, kBindingMethod, TransactionId(Bytes(id)));
    writer.attribute(AttributeType::kSoftware, "test vector");
    writer.xor_mapped_address(*SocketAddress::parse(sample.address));
    // The samples pad SOFTWARE with a blank where we write zero, which changes tag and fingerprint.
    writer.integrity(key);
    writer.fingerprint();
    const Bytes written = writer.finish();
    ASSERT_EQ(written.size(), sample.datagram.size());
    const size_t address_end = written.size() - 32;
    for (size_t i = 0; i < address_end; ++i) {
      EXPECT_EQ(written[i], i == 35 ? 0 : sample.datagram[i]) << i;
    }
    const auto message = Message::parse(written);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->verify_integrity(vectors::kPassword));
  }
}

TEST(MessageWriter, PadsWithZeros) {
  for (size_t size = 0; size < 9; ++size) {
    std::vector<uint8_t> buffer(64, 0xff);
    const std::array<uint8_t, 12> id{};
    MessageWriter writer(buffer, MessageClass::kRequest, kBindingMethod, id);
    writer.attribute(AttributeType::kUsername, std::string(size, 'u'));
    const Bytes written = writer.finish();
    ASSERT_EQ(written.size(), 24 + (size + 3) / 4 * 4);
    EXPECT_EQ(load_be16(&written[22]), size);
    EXPECT_TRUE(std::all_of(written.begin() + 24 + static_cast<ptrdiff_t>(size), written.end(),
                            [](uint8_t b) { return b == 0; }));
  }
}

TEST(MessageWriter, GivesNothingWhenTheBufferIsTooSmall) {
  const auto request_bytes = vectors::request();
  const auto request = Message::parse(request_bytes);
  IntegrityKey key(vectors::kPassword);
  std::vector<uint8_t> buffer(kMaxResponseSize);
  const SocketAddress address = *SocketAddress::parse("[2001:db8::1]:1");
  EXPECT_EQ(write_success(buffer, *request, address, key).size(), kMaxResponseSize);
  for (size_t size = 0; size < kMaxResponseSize; ++size) {
    std::vector<uint8_t> small(size);
    EXPECT_TRUE(write_success(small, *request, address, key).empty()) << size;
  }
}

TEST(Binding, WritesTheSuccessVector) {
  const auto request_bytes = vectors::request();
  const auto request = Message::parse(request_bytes);
  IntegrityKey key(vectors::kPassword);
  std::array<uint8_t, kMaxResponseSize> buffer;
  EXPECT_EQ(copy(write_success(buffer, *request, *SocketAddress::parse("192.0.2.1:32853"), key)),
            vectors::plain_success());
}

TEST(Binding, WritesTheErrorVector) {
  const auto request_bytes = vectors::request();
  const auto request = Message::parse(request_bytes);
  std::array<uint8_t, kMaxResponseSize> buffer;
  EXPECT_EQ(copy(write_error(buffer, *request, 401)), vectors::error_401());
}

TEST(Binding, AnswersWithTheMethodOfTheRequest) {
  std::array<uint8_t, 64> request_buffer;
  const std::array<uint8_t, 12> id{};
  MessageWriter writer(request_buffer, MessageClass::kRequest, 0x003, id);
  const auto request = Message::parse(writer.finish());
  ASSERT_TRUE(request);
  std::array<uint8_t, kMaxResponseSize> buffer;
  const auto response = Message::parse(write_error(buffer, *request, 400));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->method(), 0x003);
  EXPECT_EQ(response->message_class(), MessageClass::kError);
}

TEST(Binding, WritesARequestWithAllAttributes) {
  std::array<uint8_t, 256> buffer;
  const BindingRequest wanted{
      .transaction_id = {9, 8, 7},
      .software = "sluice",
      .username = "local:remote",
      .priority = 1234,
      .controlling = 0x1122334455667788,
      .controlled = 1,
      .use_candidate = true,
      .nomination = 3,
      .password = "secret",
  };
  const auto message = Message::parse(write_request(buffer, wanted));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class(), MessageClass::kRequest);
  EXPECT_EQ(message->method(), kBindingMethod);
  EXPECT_TRUE(std::ranges::equal(message->transaction_id(), wanted.transaction_id));
  EXPECT_EQ(message->software(), "sluice");
  EXPECT_EQ(message->username(), "local:remote");
  EXPECT_EQ(message->priority(), 1234u);
  EXPECT_EQ(message->ice_controlling(), 0x1122334455667788u);
  EXPECT_EQ(message->ice_controlled(), 1u);
  EXPECT_TRUE(message->use_candidate());
  EXPECT_EQ(message->nomination(), 3u);
  EXPECT_TRUE(message->has_fingerprint());
  EXPECT_TRUE(message->verify_integrity("secret"));
}

TEST(Binding, LeavesOutWhatIsNotAsked) {
  std::array<uint8_t, 64> buffer;
  const Bytes datagram = write_request(buffer, BindingRequest{.fingerprint = false});
  EXPECT_EQ(datagram.size(), kHeaderSize);
}

}  // namespace
}  // namespace sluice::stun
