// Sizes, names and registry ids of the protection profiles (ortc-model 2.6, RFC 5764, RFC 7714).
#include "protocol/srtp/profile.h"

#include <gtest/gtest.h>

namespace sluice::srtp {
namespace {

struct Row {
  Profile profile;
  uint16_t id;
  const char* name;
  size_t master_size;
  size_t rtp_overhead;
  size_t rtcp_overhead;
};

constexpr Row kRows[] = {
    {Profile::kAeadAes256Gcm, 8, "AEAD_AES_256_GCM", 44, 16, 20},
    {Profile::kAeadAes128Gcm, 7, "AEAD_AES_128_GCM", 28, 16, 20},
    {Profile::kAesCm128HmacSha1_80, 1, "AES_CM_128_HMAC_SHA1_80", 30, 10, 14},
    {Profile::kAesCm128HmacSha1_32, 2, "AES_CM_128_HMAC_SHA1_32", 30, 4, 14},
};

TEST(SrtpProfile, SizesFollowTheTable) {
  for (const Row& row : kRows) {
    EXPECT_EQ(key_size(row.profile) + salt_size(row.profile), row.master_size) << row.name;
    EXPECT_EQ(rtp_overhead(row.profile), row.rtp_overhead) << row.name;
    EXPECT_EQ(rtcp_overhead(row.profile), row.rtcp_overhead) << row.name;
  }
}

TEST(SrtpProfile, NamesAndIdsGoBothWays) {
  for (const Row& row : kRows) {
    EXPECT_EQ(profile_name(row.profile), row.name);
    EXPECT_EQ(profile_from_name(row.name), row.profile);
    EXPECT_EQ(static_cast<uint16_t>(row.profile), row.id);
    EXPECT_EQ(profile_from_id(row.id), row.profile);
  }
}

TEST(SrtpProfile, UnknownNamesAndIdsAreRefused) {
  EXPECT_EQ(profile_from_name("aead_aes_256_gcm"), std::nullopt);
  EXPECT_EQ(profile_from_name(""), std::nullopt);
  EXPECT_EQ(profile_from_id(5), std::nullopt);
  EXPECT_EQ(profile_from_id(0), std::nullopt);
}

TEST(SrtpProfile, GcmIsPreferred) {
  EXPECT_EQ(kProfilePreference.front(), Profile::kAeadAes256Gcm);
  EXPECT_EQ(kProfilePreference.back(), Profile::kAesCm128HmacSha1_32);
}

}  // namespace
}  // namespace sluice::srtp
