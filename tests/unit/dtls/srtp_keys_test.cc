// Splitting of exported keying material (RFC 5764 section 4.2).
#include "protocol/dtls/srtp_keys.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace sluice::dtls {
namespace {

std::vector<uint8_t> range(uint8_t first, size_t count) {
  std::vector<uint8_t> bytes(count);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

std::vector<uint8_t> copy(const SrtpSecret& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

TEST(SrtpKeys, SizesAreThoseOfTheProfiles) {
  EXPECT_EQ(srtp_key_sizes(SrtpProfile::kAes128CmSha1_80).exported(), 60u);
  EXPECT_EQ(srtp_key_sizes(SrtpProfile::kAes128CmSha1_32).exported(), 60u);
  EXPECT_EQ(srtp_key_sizes(SrtpProfile::kAeadAes128Gcm).exported(), 56u);
  EXPECT_EQ(srtp_key_sizes(SrtpProfile::kAeadAes256Gcm).exported(), 88u);
}

TEST(SrtpKeys, ComeInTheOrderClientServerKeysThenSalts) {
  const SrtpKeys keys = split_srtp_keys(SrtpProfile::kAes128CmSha1_80, range(0, 60), true);
  EXPECT_EQ(keys.profile, SrtpProfile::kAes128CmSha1_80);
  EXPECT_EQ(copy(keys.local_key), range(0, 16));
  EXPECT_EQ(copy(keys.remote_key), range(16, 16));
  EXPECT_EQ(copy(keys.local_salt), range(32, 14));
  EXPECT_EQ(copy(keys.remote_salt), range(46, 14));
}

TEST(SrtpKeys, AreSwappedForAServer) {
  const SrtpKeys keys = split_srtp_keys(SrtpProfile::kAeadAes256Gcm, range(0, 88), false);
  EXPECT_EQ(copy(keys.remote_key), range(0, 32));
  EXPECT_EQ(copy(keys.local_key), range(32, 32));
  EXPECT_EQ(copy(keys.remote_salt), range(64, 12));
  EXPECT_EQ(copy(keys.local_salt), range(76, 12));
}

TEST(SrtpKeys, KnowTheRegisteredProfilesOnly) {
  for (unsigned id = 0; id < 0x20; ++id) {
    const bool known = id == 1 || id == 2 || id == 7 || id == 8;
    EXPECT_EQ(srtp_profile_of(static_cast<uint16_t>(id)).has_value(), known) << id;
  }
}

TEST(SrtpSecret, IsWipedWhenDestroyed) {
  alignas(SrtpSecret) std::array<uint8_t, sizeof(SrtpSecret)> storage{};
  auto* secret = new (storage.data()) SrtpSecret(range(1, 32));
  ASSERT_EQ(storage[0], 1);
  secret->~SrtpSecret();
  const volatile uint8_t* bytes = storage.data();
  for (size_t i = 0; i < SrtpSecret::kCapacity; ++i) {
    EXPECT_EQ(bytes[i], 0) << i;
  }
}

}  // namespace
}  // namespace sluice::dtls
