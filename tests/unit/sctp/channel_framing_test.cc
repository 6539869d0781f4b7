// What payload identifiers mean to data channels: empty messages, and parts that are joined
// (RFC 8831 sections 6.6 and 8).
#include "protocol/sctp/channel_framing.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/bytes.h"
#include "protocol/sctp/wire.h"

namespace sluice::sctp {
namespace {

constexpr size_t kMaxMessage = 100;
constexpr size_t kMaxHeld = 1000;

class ChannelFramingTest : public ::testing::Test {
 protected:
  std::optional<ReassembledMessage> accept(uint16_t stream, uint32_t id, std::string_view text) {
    const Bytes bytes = as_bytes(text);
    return framing.accept({.stream = stream, .ppid = id, .payload = {bytes.begin(), bytes.end()}});
  }
  /// "ppid text" of what came out, "-" for nothing.
  std::string result(uint16_t stream, uint32_t id, std::string_view text) {
    const auto message = accept(stream, id, text);
    return !message ? "-"
           : message->too_large
               ? "too large"
               : std::to_string(message->ppid) + " " + std::string(as_text(message->payload));
  }

  ChannelFraming framing{kMaxMessage, kMaxHeld};
};

TEST_F(ChannelFramingTest, WholeMessagesPass) {
  EXPECT_EQ(result(0, ppid::kString, "text"), "51 text");
  EXPECT_EQ(result(0, ppid::kBinary, "bytes"), "53 bytes");
  EXPECT_EQ(result(0, 12345, "of another protocol"), "12345 of another protocol");
  EXPECT_EQ(framing.held(), 0u);
}

TEST_F(ChannelFramingTest, EmptyMessagesLoseTheirPlaceholder) {
  EXPECT_EQ(result(0, ppid::kEmptyString, " "), "56 ");
  EXPECT_EQ(result(0, ppid::kEmptyBinary, std::string_view("\0", 1)), "57 ");
  EXPECT_EQ(result(0, ppid::kEmptyBinary, "more than there should be"), "57 ");
}

TEST_F(ChannelFramingTest, PartsAreJoined) {
  EXPECT_EQ(result(0, ppid::kStringPartial, "one "), "-");
  EXPECT_EQ(result(0, ppid::kStringPartial, "two "), "-");
  EXPECT_EQ(result(0, ppid::kString, "three"), "51 one two three");
  EXPECT_EQ(result(0, ppid::kString, "next"), "51 next");
  EXPECT_EQ(framing.held(), 0u);
}

TEST_F(ChannelFramingTest, StreamsDoNotMix) {
  EXPECT_EQ(result(1, ppid::kBinaryPartial, "a"), "-");
  EXPECT_EQ(result(2, ppid::kStringPartial, "x"), "-");
  EXPECT_EQ(result(3, ppid::kBinary, "whole"), "53 whole");
  EXPECT_EQ(result(1, ppid::kBinary, "b"), "53 ab");
  EXPECT_EQ(result(2, ppid::kString, "y"), "51 xy");
}

TEST_F(ChannelFramingTest, PartsOfAnotherKindAreOfAMessageThatNeverEnded) {
  EXPECT_EQ(result(0, ppid::kStringPartial, "lost"), "-");
  EXPECT_EQ(result(0, ppid::kBinary, "whole"), "53 whole");
  EXPECT_EQ(result(0, ppid::kStringPartial, "lost"), "-");
  EXPECT_EQ(result(0, ppid::kBinaryPartial, "a"), "-");
  EXPECT_EQ(result(0, ppid::kBinary, "b"), "53 ab");
  EXPECT_EQ(framing.held(), 0u);
}

TEST_F(ChannelFramingTest, EstablishmentIsIgnoredAndCounted) {
  EXPECT_EQ(result(0, ppid::kDcep, "\3 open"), "-");
  EXPECT_EQ(framing.dcep_ignored(), 1u);
  EXPECT_EQ(framing.held(), 0u);
}

TEST_F(ChannelFramingTest, JoinedMessagesHaveTheirLimit) {
  const std::string part(40, 'x');
  EXPECT_EQ(result(0, ppid::kBinaryPartial, part), "-");
  EXPECT_EQ(result(0, ppid::kBinaryPartial, part), "-");
  EXPECT_EQ(result(0, ppid::kBinaryPartial, part), "-");
  EXPECT_EQ(result(0, ppid::kBinary, "end"), "too large");
  EXPECT_EQ(framing.held(), 0u);
  EXPECT_EQ(result(0, ppid::kBinary, "next"), "53 next");
}

// However many streams a peer begins messages on.
TEST_F(ChannelFramingTest, WhatIsKeptIsBounded) {
  const std::string part(90, 'x');
  for (uint16_t stream = 0; stream < 500; ++stream) {
    EXPECT_EQ(result(stream, ppid::kBinaryPartial, part), "-");
  }
  EXPECT_LE(framing.held(), kMaxHeld + 500 * Reassembly::kOverhead);
  for (uint16_t stream = 0; stream < 500; ++stream) {
    accept(stream, ppid::kBinary, "!");
  }
  EXPECT_EQ(framing.held(), 0u);
  EXPECT_EQ(result(0, ppid::kBinaryPartial, part), "-");
  EXPECT_EQ(result(0, ppid::kBinary, "!"), "53 " + part + "!");
}

TEST_F(ChannelFramingTest, AResetDropsParts) {
  EXPECT_EQ(result(0, ppid::kStringPartial, "old"), "-");
  EXPECT_EQ(result(1, ppid::kStringPartial, "other"), "-");
  framing.reset(0);
  framing.reset(7);
  EXPECT_EQ(result(0, ppid::kString, "new"), "51 new");
  EXPECT_EQ(result(1, ppid::kString, "!"), "51 other!");
  EXPECT_EQ(result(1, ppid::kStringPartial, "old"), "-");
  framing.reset_all();
  EXPECT_EQ(framing.held(), 0u);
  EXPECT_EQ(result(1, ppid::kString, "new"), "51 new");
}

TEST(ToWire, EmptyMessagesGetAPlaceholderAndTheirIdentifier) {
  EXPECT_EQ(to_wire(ppid::kString, {}).ppid, ppid::kEmptyString);
  EXPECT_EQ(to_wire(ppid::kBinary, {}).ppid, ppid::kEmptyBinary);
  EXPECT_EQ(to_wire(ppid::kEmptyString, {}).ppid, ppid::kEmptyString);
  EXPECT_EQ(to_wire(4711, {}).ppid, 4711u);
  for (const uint32_t id : {ppid::kString, ppid::kBinary, ppid::kEmptyString, 4711U}) {
    EXPECT_EQ(to_wire(id, {}).bytes.size(), 1u);
  }
  const WirePayload whole = to_wire(ppid::kString, as_bytes("text"));
  EXPECT_EQ(whole.ppid, ppid::kString);
  EXPECT_EQ(as_text(whole.bytes), "text");
}

}  // namespace
}  // namespace sluice::sctp
