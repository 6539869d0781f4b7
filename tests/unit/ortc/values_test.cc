// The small values under the algorithms: parameter maps, base64, excerpts, the tables of what is
// supported, and the allocators of SSRCs and MIDs.
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "protocol/ortc/base64.h"
#include "protocol/ortc/excerpt.h"
#include "protocol/ortc/mid_allocator.h"
#include "protocol/ortc/ssrc_allocator.h"
#include "protocol/ortc/supported_capabilities.h"

namespace sluice::ortc {
namespace {

TEST(ParameterMap, KeepsOrderAndHasEachKeyOnce) {
  ParameterMap map{{"b", int64_t{1}}, {"a", "x"}};
  map.set("c", 1.5);
  map.set("b", "new");
  std::string keys;
  for (const ParameterMap::Entry& entry : map) {
    keys += entry.key;
  }
  EXPECT_EQ(keys, "bac");
  EXPECT_EQ(*map.find("b"), ParameterValue("new"));
  map.erase("b");
  map.erase("b");
  EXPECT_EQ(map.find("b"), nullptr);
  EXPECT_EQ(map.size(), 2u);
}

TEST(ParameterMap, ComparesAsASet) {
  const ParameterMap a{{"x", int64_t{1}}, {"y", int64_t{2}}};
  EXPECT_EQ(a, (ParameterMap{{"y", int64_t{2}}, {"x", int64_t{1}}}));
  EXPECT_NE(a, (ParameterMap{{"x", int64_t{1}}}));
  EXPECT_NE(a, (ParameterMap{{"x", int64_t{1}}, {"y", "2"}}));
  EXPECT_NE(a, (ParameterMap{{"x", int64_t{1}}, {"z", int64_t{2}}}));
}

TEST(ParameterMap, IntegersAreWholeNumbersOnly) {
  const ParameterMap map{{"n", int64_t{7}}, {"f", 7.5}, {"t", "7"}};
  EXPECT_EQ(map.integer("n"), 7);
  EXPECT_EQ(map.integer("f"), std::nullopt);
  EXPECT_EQ(map.integer("t"), std::nullopt);
  EXPECT_EQ(map.integer("x"), std::nullopt);
}

TEST(ParameterValue, Truth) {
  EXPECT_FALSE(is_truthy(int64_t{0}));
  EXPECT_FALSE(is_truthy(""));
  EXPECT_FALSE(is_truthy(0.0));
  EXPECT_TRUE(is_truthy(int64_t{-1}));
  EXPECT_TRUE(is_truthy("0"));
  EXPECT_TRUE(is_truthy(0.5));
}

std::vector<uint8_t> bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

TEST(Base64, VectorsOfRfc4648) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kVectors{{
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  }};
  for (const auto& [plain, encoded] : kVectors) {
    EXPECT_EQ(encode_base64(bytes_of(plain)), encoded);
    EXPECT_EQ(decode_base64(encoded), bytes_of(plain));
  }
}

TEST(Base64, EveryByte) {
  std::vector<uint8_t> bytes(256);
  std::iota(bytes.begin(), bytes.end(), uint8_t{0});
  EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
}

TEST(Base64, RefusesForeignCharactersAndWrongPadding) {
  for (const std::string_view text : {"Zg", "Zg=", "Z===", "====", "Zm9v\n", "Zm-v", "Zm_v", "=m9v",
                                      "Zm=v", "Zg==Zg==", "Zm9vYg"}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

TEST(Excerpt, LeavesShortTextAlone) {
  EXPECT_EQ(excerpt("abc"), "abc");
  EXPECT_EQ(excerpt("abc", 3), "abc");
  EXPECT_EQ(excerpt(""), "");
}

TEST(Excerpt, CutsBetweenCharacters) {
  EXPECT_EQ(excerpt("abcd", 3), "abc…");
  EXPECT_EQ(excerpt("aéé", 3), "aé…");
  EXPECT_EQ(excerpt("aéé", 4), "aé…");
  EXPECT_EQ(excerpt("€€", 2), "…");
}

TEST(Excerpt, IsOneLine) {
  EXPECT_EQ(excerpt("a\r\nb\x7f\x1b"), "a??b??");
}

TEST(SupportedCapabilities, MimeTypesInCanonicalSpelling) {
  EXPECT_EQ(canonical_mime_type("VIDEO/h264"), "video/H264");
  EXPECT_EQ(canonical_mime_type("audio/OPUS"), "audio/opus");
  EXPECT_EQ(canonical_mime_type("video/RTX"), "video/rtx");
  EXPECT_EQ(canonical_mime_type("video/Foo"), "video/Foo");
}

TEST(SupportedCapabilities, CodecTable) {
  std::vector<std::string> rows;
  for (const RtpCodecCapability& codec : supported_rtp_capabilities().codecs) {
    rows.push_back(
        codec.mime_type + " " + std::to_string(codec.clock_rate) + " " +
        (codec.channels ? std::to_string(*codec.channels) : "-") + " " +
        (codec.preferred_payload_type ? std::to_string(codec.preferred_payload_type->value) : "-") +
        " " + std::to_string(codec.rtcp_feedback.size()));
  }
  EXPECT_EQ(rows, (std::vector<std::string>{"audio/opus 48000 2 - 2",
                                            "audio/multiopus 48000 4 - 2",
                                            "audio/multiopus 48000 6 - 2",
                                            "audio/multiopus 48000 8 - 2",
                                            "audio/PCMU 8000 1 0 1",
                                            "audio/PCMA 8000 1 8 1",
                                            "audio/ISAC 32000 1 - 1",
                                            "audio/ISAC 16000 1 - 1",
                                            "audio/G722 8000 1 9 1",
                                            "audio/iLBC 8000 1 - 1",
                                            "audio/SILK 24000 1 - 1",
                                            "audio/SILK 16000 1 - 1",
                                            "audio/SILK 12000 1 - 1",
                                            "audio/SILK 8000 1 - 1",
                                            "audio/CN 32000 1 13 0",
                                            "audio/CN 16000 1 13 0",
                                            "audio/CN 8000 1 13 0",
                                            "audio/telephone-event 48000 1 - 0",
                                            "audio/telephone-event 32000 1 - 0",
                                            "audio/telephone-event 16000 1 - 0",
                                            "audio/telephone-event 8000 1 - 0",
                                            "audio/red 48000 2 - 0",
                                            "video/VP8 90000 - - 5",
                                            "video/VP9 90000 - - 5",
                                            "video/H264 90000 - - 5",
                                            "video/AV1 90000 - - 5",
                                            "video/H265 90000 - - 5"}));
}

TEST(SupportedCapabilities, ExtensionsOfOneUriHaveOneIdThatFitsOneByteForm) {
  const auto& extensions = supported_rtp_capabilities().header_extensions;
  for (const RtpHeaderExtension& a : extensions) {
    EXPECT_GE(a.preferred_id, 1);
    EXPECT_LE(a.preferred_id, 14);
    for (const RtpHeaderExtension& b : extensions) {
      EXPECT_EQ(a.uri == b.uri, a.preferred_id == b.preferred_id) << a.uri << " " << b.uri;
    }
  }
}

TEST(SsrcAllocator, BlocksDoNotOverlap) {
  SsrcAllocator ssrcs;
  std::set<uint32_t> firsts;
  for (int i = 0; i < 5000; ++i) {
    const Result<Ssrc> first = ssrcs.allocate(SsrcAllocator::kBlock);
    ASSERT_TRUE(first);
    ASSERT_GE(first->value, SsrcAllocator::kMin);
    ASSERT_LE(first->value + SsrcAllocator::kBlock, SsrcAllocator::kMax);
    const auto [at, inserted] = firsts.insert(first->value);
    ASSERT_TRUE(inserted);
    if (at != firsts.begin()) {
      ASSERT_LE(*std::prev(at) + SsrcAllocator::kBlock, first->value);
    }
    if (std::next(at) != firsts.end()) {
      ASSERT_LE(first->value + SsrcAllocator::kBlock, *std::next(at));
    }
  }
}

TEST(SsrcAllocator, GoesRoundAtTheEndOfTheRange) {
  SsrcAllocator ssrcs(SsrcAllocator::kBlocks - 1, 1);
  const Ssrc last(SsrcAllocator::kMin + (SsrcAllocator::kBlocks - 1) * SsrcAllocator::kBlock);
  EXPECT_EQ(ssrcs.allocate(), last);
  EXPECT_EQ(ssrcs.allocate(), Ssrc(SsrcAllocator::kMin));
}

TEST(SsrcAllocator, RefusesMoreThanABlock) {
  SsrcAllocator ssrcs;
  const Result<Ssrc> result = ssrcs.allocate(SsrcAllocator::kBlock + 1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kType);
}

TEST(MidAllocator, CountsAndWrapsAtEightDigits) {
  MidAllocator mids;
  EXPECT_EQ(mids.next(), "0");
  EXPECT_EQ(mids.next(), "1");
  MidAllocator late(MidAllocator::kLimit - 1);
  EXPECT_EQ(late.next(), "99999999");
  EXPECT_EQ(late.next(), "0");
}

}  // namespace
}  // namespace sluice::ortc
