// Parameters of INIT and INIT ACK (SCT-13).
#include "protocol/sctp/init_chunk.h"

#include <gtest/gtest.h>

#include "protocol/sctp/error_cause.h"
#include "unit/sctp/raw_peer.h"

namespace sluice::sctp {
namespace {

// Fields, then `parameters`.
std::vector<uint8_t> init_with(std::vector<uint8_t> parameters) {
  std::vector<uint8_t> value = {0, 0, 0, 9, 0, 1, 0, 0, 0, 10, 0, 20, 0, 0, 0, 30};
  value.insert(value.end(), parameters.begin(), parameters.end());
  return value;
}

TEST(InitChunk, ReadsWhatItWrites) {
  const InitFields fields{.tag = 0xA0B0C0D0,
                          .window = 123456,
                          .outgoing_streams = 1024,
                          .incoming_streams = 65535,
                          .initial_tsn = 0xFFFFFFFF};
  const std::vector<uint8_t> cookie = {1, 2, 3, 4, 5};
  const std::vector<uint8_t> unknown = {0xC1, 0x23, 0, 7, 1, 2, 3};
  const std::array<Bytes, 1> echoed = {unknown};
  const auto value = init_value(fields, cookie, echoed);
  const auto init = InitChunk::parse(value);
  ASSERT_TRUE(init);
  EXPECT_EQ(init->fields.tag, fields.tag);
  EXPECT_EQ(init->fields.window, fields.window);
  EXPECT_EQ(init->fields.outgoing_streams, fields.outgoing_streams);
  EXPECT_EQ(init->fields.incoming_streams, fields.incoming_streams);
  EXPECT_EQ(init->fields.initial_tsn, fields.initial_tsn);
  EXPECT_EQ(std::vector<uint8_t>(init->cookie.begin(), init->cookie.end()), cookie);
  EXPECT_EQ(init->extensions, (Extensions{.forward_tsn = true, .reconfig = true}));
  // The last parameter's padding is not part of the chunk.
  EXPECT_EQ(std::vector<uint8_t>(value.end() - 11, value.end()),
            (std::vector<uint8_t>{0, 8, 0, 11, 0xC1, 0x23, 0, 7, 1, 2, 3}));
}

TEST(InitChunk, TooShort) {
  for (size_t size = 0; size < 16; ++size) {
    EXPECT_FALSE(InitChunk::parse(std::vector<uint8_t>(size)));
  }
}

struct Case {
  const char* name;
  std::vector<uint8_t> parameters;
  bool valid;
  bool forward_tsn;  // 0xC000 behind the parameter in question was seen
  size_t unrecognized;
};

class Parameters : public testing::TestWithParam<Case> {};

TEST_P(Parameters, SCT_13_UnknownOnesAndPadding) {
  const auto value = init_with(GetParam().parameters);
  const auto init = InitChunk::parse(value);
  ASSERT_EQ(init.has_value(), GetParam().valid);
  if (init) {
    EXPECT_EQ(init->extensions.forward_tsn, GetParam().forward_tsn);
    EXPECT_EQ(init->unrecognized_count, GetParam().unrecognized);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, Parameters,
    testing::Values(
        Case{"None", {}, true, false, 0}, Case{"Known", {0xC0, 0, 0, 4}, true, true, 0},
        Case{"StopSilently", {0x3F, 1, 0, 4, 0xC0, 0, 0, 4}, true, false, 0},
        Case{"StopAndReport", {0x7F, 1, 0, 4, 0xC0, 0, 0, 4}, true, false, 1},
        Case{"SkipSilently", {0xBF, 1, 0, 4, 0xC0, 0, 0, 4}, true, true, 0},
        Case{"SkipAndReport", {0xFF, 1, 0, 4, 0xC0, 0, 0, 4}, true, true, 1},
        Case{"SkipPadded", {0xBF, 1, 0, 5, 9, 0, 0, 0, 0xC0, 0, 0, 4}, true, true, 0},
        Case{"LastWithPadding", {0xC0, 0, 0, 4, 0xFF, 1, 0, 5, 9, 0, 0, 0}, true, true, 1},
        Case{"LastWithoutPadding", {0xC0, 0, 0, 4, 0xFF, 1, 0, 5, 9}, true, true, 1},
        Case{"ByExtensionList", {0x80, 8, 0, 6, 192, 130, 0, 0}, true, true, 0},
        Case{"AddressesAreIgnored",
             {0, 5, 0, 8, 10, 0, 0, 1, 0, 12, 0, 6, 0, 5, 0, 0, 0xC0, 0, 0, 4},
             true,
             true,
             0},
        Case{"Length0", {0xC0, 0, 0, 0}, false, false, 0},
        Case{"Length3", {0xC0, 0, 0, 3}, false, false, 0},
        Case{"PastEnd", {0xC0, 0, 0, 8, 1, 2}, false, false, 0},
        Case{"HalfAHeader", {0xC0, 0, 0, 4, 0xC0, 0}, false, false, 0},
        Case{"BadBehindStop", {0x3F, 1, 0, 4, 0xC0, 0, 0, 0}, false, false, 0}),
    [](const auto& row) { return row.param.name; });

TEST(InitChunk, KeepsABoundedNumberOfUnknownParameters) {
  std::vector<uint8_t> parameters;
  for (int i = 0; i < 1000; ++i) {
    append_record(parameters, 0xC100, {});
  }
  const auto init = InitChunk::parse(init_with(parameters));
  ASSERT_TRUE(init);
  EXPECT_EQ(init->unrecognized_count, init->unrecognized.size());
}

TEST(InitChunk, SCT_13_UnknownParametersAreReportedInInitAck) {
  RawPeer peer;
  peer.association.connect(peer.now);
  peer.take();
  auto init = peer.init();
  append_record(init, 0xC123, std::array<uint8_t, 3>{7, 8, 9});
  append_record(init, 0x8123, std::array<uint8_t, 1>{1});
  peer.send({{chunk::kInit, 0, init}}, 0);
  const auto ack = peer.take_chunk(chunk::kInitAck);
  ASSERT_TRUE(ack);
  const std::vector<uint8_t> report = {0, 8, 0, 11, 0xC1, 0x23, 0, 7, 7, 8, 9};
  EXPECT_EQ(std::vector<uint8_t>(ack->value.end() - 11, ack->value.end()), report);
}

TEST(InitChunk, SCT_13_UnknownParametersOfInitAckAreReportedWithTheCookie) {
  RawPeer peer;
  peer.association.connect(peer.now);
  const auto init = peer.take_chunk(chunk::kInit);
  ASSERT_TRUE(init);
  auto value = peer.init();
  append_record(value, parameter::kStateCookie, std::array<uint8_t, 4>{1, 2, 3, 4});
  append_record(value, 0xC123, std::array<uint8_t, 1>{7});
  peer.send({{chunk::kInitAck, 0, value}}, InitChunk::parse(init->value)->fields.tag);
  const auto packets = peer.take();
  ASSERT_EQ(packets.size(), 1u);
  ASSERT_EQ(packets[0].chunks.size(), 2u);
  EXPECT_EQ(packets[0].tag, peer.tag);
  EXPECT_EQ(packets[0].chunks[0].type, chunk::kCookieEcho);
  EXPECT_EQ(packets[0].chunks[0].value, (std::vector<uint8_t>{1, 2, 3, 4}));
  EXPECT_EQ(packets[0].chunks[1].type, chunk::kError);
  EXPECT_EQ(first_cause(packets[0].chunks[1].value), cause::kUnrecognizedParameters);
}

}  // namespace
}  // namespace sluice::sctp
