// SDES and BYE, read and written.
#include "protocol/rtcp/source_description.h"

#include <gtest/gtest.h>

#include <string>

#include "golden.h"
#include "support.h"

namespace sluice::rtcp {
namespace {

TEST(SourceDescription, ItemsAreReadInOrder) {
  const Buffer packet =
      hex("82ca0007 00000011 01016102 02626300 0000002200000000 00000033 00000000");
  // Three chunks are there but two are announced.
  EXPECT_FALSE(parse_one<SourceDescription>(packet));

  const Buffer two = hex("82ca0005 00000011 01016102 02626300 00000022 00000000");
  const auto sdes = parse_one<SourceDescription>(two);
  ASSERT_TRUE(sdes);
  std::string seen;
  sdes->for_each_item([&](Ssrc ssrc, uint8_t type, Bytes value) {
    seen += std::to_string(ssrc.value) + ':' + std::to_string(type) + '=' +
            std::string(as_text(value)) + ' ';
  });
  EXPECT_EQ(seen, "17:1=a 17:2=bc ");
  EXPECT_EQ(sdes->chunk_count(), 2u);
  EXPECT_EQ(sdes->cname(Ssrc(0x11)), "a");
  EXPECT_EQ(sdes->cname(Ssrc(0x22)), "");
}

TEST(SourceDescription, IsWrittenAsItWasRead) {
  const SdesChunk chunk{Ssrc(0x11), "abc"};
  EXPECT_EQ(written([&](ByteWriter& writer) { write_source_description(writer, {&chunk, 1}); }),
            golden_packets()[2].packet);
}

TEST(SourceDescription, NamesOfEveryLengthSurvive) {
  for (size_t length = 0; length <= 255; ++length) {
    const std::string name(length, 'x');
    const SdesChunk chunk{Ssrc(7), name};
    const Buffer packet =
        written([&](ByteWriter& writer) { write_source_description(writer, {&chunk, 1}); });
    EXPECT_EQ(packet.size(), 4 + chunk.wire_size());
    EXPECT_EQ(packet.back(), 0) << "one null octet at least ends the chunk";
    const auto sdes = parse_one<SourceDescription>(packet);
    ASSERT_TRUE(sdes) << length;
    EXPECT_EQ(sdes->cname(Ssrc(7)), name);
  }
}

TEST(SourceDescription, LongerNamesAreCut) {
  const std::string name(300, 'x');
  const SdesChunk chunk{Ssrc(7), name};
  const Buffer packet =
      written([&](ByteWriter& writer) { write_source_description(writer, {&chunk, 1}); });
  const auto sdes = parse_one<SourceDescription>(packet);
  ASSERT_TRUE(sdes);
  EXPECT_EQ(sdes->cname(Ssrc(7)).size(), 255u);
}

TEST(SourceDescription, Rtc09WithoutNullOctetIsIgnored) {  // RTC-09
  EXPECT_TRUE(parse(hex("81ca0002 00000011 01026162")).packets.empty());
  EXPECT_TRUE(parse(hex("81ca0001 00000011")).packets.empty());
}

TEST(SourceDescription, Rtc09WrongPaddingIsIgnored) {  // RTC-09
  EXPECT_TRUE(parse(hex("81ca0003 00000011 01036162 63000100")).packets.empty());
  EXPECT_TRUE(parse(hex("81ca0004 00000011 01036162 63000000 00000000")).packets.empty());
}

TEST(Bye, SourcesAndReasonAreRead) {
  const Buffer packet = hex("82cb0003 00000011 00000022 03627965");
  const auto bye = parse_one<Bye>(packet);
  ASSERT_TRUE(bye);
  ASSERT_EQ(bye->sources.size(), 2u);
  EXPECT_EQ(bye->sources[0].ssrc, Ssrc(0x11));
  EXPECT_EQ(bye->sources[1].ssrc, Ssrc(0x22));
  EXPECT_EQ(bye->reason, "bye");
}

TEST(Bye, IsWrittenAsItWasRead) {
  const Ssrc source(0x11);
  EXPECT_EQ(written([&](ByteWriter& writer) { write_bye(writer, {&source, 1}, "bye"); }),
            golden_packets()[3].packet);
  EXPECT_EQ(written([&](ByteWriter& writer) { write_bye(writer, {&source, 1}); }),
            hex("81cb0001 00000011"));
}

TEST(Bye, NoSourceIsValid) {
  EXPECT_TRUE(parse_one<Bye>(hex("80cb0000")));
}

TEST(Bye, Rtc21ReasonThatRunsOverTheEndIsIgnored) {  // RTC-21
  EXPECT_TRUE(parse(hex("81cb0002 00000011 04627965")).packets.empty());
  EXPECT_TRUE(parse(hex("81cb0002 00000011 ff627965")).packets.empty());
}

}  // namespace
}  // namespace sluice::rtcp
