// Which MIME types name a codec that the engine understands.
#include "protocol/codecs/codec.h"

#include <gtest/gtest.h>

namespace sluice::codecs {
namespace {

TEST(Codec, KnownTypesAreFoundInAnyCase) {
  EXPECT_EQ(codec_of("audio/opus"), Codec::kOpus);
  EXPECT_EQ(codec_of("video/VP8"), Codec::kVp8);
  EXPECT_EQ(codec_of("VIDEO/vp9"), Codec::kVp9);
  EXPECT_EQ(codec_of("video/H264"), Codec::kH264);
  EXPECT_EQ(codec_of("Video/h265"), Codec::kH265);
  EXPECT_EQ(codec_of("video/AV1"), Codec::kAv1);
}

TEST(Codec, OthersAreOpaque) {
  for (const char* type : {"", "audio/PCMU", "audio/multiopus", "video/VP80", "video/VP",
                           "audio/VP8", "video/opus", "video/rtx"}) {
    EXPECT_EQ(codec_of(type), Codec::kOther) << type;
  }
}

TEST(Codec, VideoStartsAtKeyFramesAndAudioAnywhere) {
  for (const Codec codec : {Codec::kVp8, Codec::kVp9, Codec::kH264, Codec::kH265, Codec::kAv1}) {
    EXPECT_TRUE(needs_key_frame(codec));
  }
  EXPECT_FALSE(needs_key_frame(Codec::kOpus));
  EXPECT_FALSE(needs_key_frame(Codec::kOther));
}

}  // namespace
}  // namespace sluice::codecs
