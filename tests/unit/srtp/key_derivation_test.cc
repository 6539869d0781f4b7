// The key derivation function against RFC 3711 appendix B.3 and RFC 6188 section 7.2.
#include "protocol/srtp/key_derivation.h"

#include <gtest/gtest.h>

#include "unit/srtp/support.h"

namespace sluice::srtp::test {
namespace {

Buffer derive(std::string_view key, std::string_view salt, KeyLabel label, size_t size) {
  Buffer out(size, 0xaa);
  EXPECT_TRUE(derive_key(hex(key), hex(salt), label, out));
  return out;
}

TEST(SrtpKeyDerivation, Rfc3711AppendixB3) {
  const std::string_view key = "E1F97A0D3E018BE0D64FA32C06DE4139";
  const std::string_view salt = "0EC675AD498AFEEBB6960B3AABE6";
  EXPECT_EQ(derive(key, salt, KeyLabel::kRtpCipher, 16), hex("C61E7A93744F39EE10734AFE3FF7A087"));
  EXPECT_EQ(derive(key, salt, KeyLabel::kRtpSalt, 14), hex("30CBBC08863D8C85D49DB34A9AE1"));
  EXPECT_EQ(derive(key, salt, KeyLabel::kRtpAuth, 94),
            hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE"
                "E049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25"
                "6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2"));
}

TEST(SrtpKeyDerivation, Rfc6188Aes256) {
  const std::string_view key = "F0F04914B513F2763A1B1FA130F10E2998F6F6E43E4309D1E622A0E332B9F1B6";
  const std::string_view salt = "3B04803DE51EE7C96423AB5B78D2";
  EXPECT_EQ(derive(key, salt, KeyLabel::kRtpCipher, 32),
            hex("5BA1064E30EC51613CAD926C5A28EF731EC7FB397F70A960653CAF06554CD8C4"));
  EXPECT_EQ(derive(key, salt, KeyLabel::kRtpSalt, 14), hex("FA31791685CA444A9E07C6C64E93"));
}

TEST(SrtpKeyDerivation, SessionKeysOfACmProfile) {
  const auto keys =
      derive_session_keys(Profile::kAesCm128HmacSha1_80, hex("E1F97A0D3E018BE0D64FA32C06DE4139"),
                          hex("0EC675AD498AFEEBB6960B3AABE6"));
  ASSERT_TRUE(keys.has_value());
  const auto equal = [](Bytes a, const Buffer& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  };
  EXPECT_TRUE(equal(keys->rtp.cipher.view(), hex("C61E7A93744F39EE10734AFE3FF7A087")));
  EXPECT_TRUE(equal(keys->rtp.salt.view(), hex("30CBBC08863D8C85D49DB34A9AE1")));
  EXPECT_TRUE(equal(keys->rtp.auth.view(), hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")));
  EXPECT_FALSE(equal(keys->rtcp.cipher.view(), hex("C61E7A93744F39EE10734AFE3FF7A087")));
  EXPECT_EQ(keys->rtcp.auth.size(), 20u);
}

TEST(SrtpKeyDerivation, AeadProfilesHaveNoAuthenticationKey) {
  const SessionKeys keys = make_keys(Profile::kAeadAes256Gcm);
  EXPECT_EQ(keys.rtp.cipher.size(), 32u);
  EXPECT_EQ(keys.rtp.salt.size(), 12u);
  EXPECT_EQ(keys.rtp.auth.size(), 0u);
}

TEST(SrtpKeyDerivation, WrongSizesAreRefused) {
  for (const Profile profile : kProfilePreference) {
    const size_t key = key_size(profile);
    const size_t salt = salt_size(profile);
    EXPECT_TRUE(derive_session_keys(profile, Buffer(key), Buffer(salt)).has_value());
    EXPECT_FALSE(derive_session_keys(profile, Buffer(key - 1), Buffer(salt)).has_value());
    EXPECT_FALSE(derive_session_keys(profile, Buffer(key + 1), Buffer(salt)).has_value());
    EXPECT_FALSE(derive_session_keys(profile, Buffer(key), Buffer(salt - 1)).has_value());
    EXPECT_FALSE(derive_session_keys(profile, Buffer(key), Buffer(salt + 1)).has_value());
    EXPECT_FALSE(derive_session_keys(profile, {}, {}).has_value());
  }
}

TEST(SrtpSecret, IsWipedWhenItGoesAway) {
  alignas(SecretBytes<32>) std::array<uint8_t, sizeof(SecretBytes<32>)> storage{};
  auto* secret = new (storage.data()) SecretBytes<32>(Buffer(32, 0x5a));
  ASSERT_EQ(std::count(storage.begin(), storage.end(), 0x5a), 32);
  secret->~SecretBytes<32>();
  EXPECT_EQ(std::count(storage.begin(), storage.end(), 0x5a), 0);
}

}  // namespace
}  // namespace sluice::srtp::test
