#include "protocol/ice/tuple.h"

#include <gtest/gtest.h>

#include <set>

#include "unit/ice/peer.h"

namespace sluice::ice {
namespace {

TEST(Tuple, EveryMemberCountsForEqualityAndHash) {
  const Tuple base = path(1);
  std::vector<Tuple> others(6, base);
  others[0].protocol = Protocol::kTcp;
  others[1].socket = 1;
  others[2].connection = 1;
  others[3].local.port ^= 1;
  others[4].remote.port ^= 1;
  others[5].local.ip = IpAddress::v4(7);
  std::set<uint64_t> hashes = {hash_value(base, 42)};
  for (const Tuple& other : others) {
    EXPECT_NE(other, base);
    hashes.insert(hash_value(other, 42));
  }
  EXPECT_EQ(hashes.size(), 7u);
  EXPECT_EQ(hash_value(base, 42), hash_value(Tuple(base), 42));
}

TEST(Tuple, TheSeedChangesTheHash) {
  EXPECT_NE(hash_value(path(1), 1), hash_value(path(1), 2));
}

TEST(Tuple, BothHalvesOfAnIpv6AddressCount) {
  Tuple a = path(1);
  Tuple b = path(1);
  Tuple c = path(1);
  a.remote.ip = *IpAddress::parse("2001:db8::1");
  b.remote.ip = *IpAddress::parse("2001:db8::2");
  c.remote.ip = *IpAddress::parse("2001:db9::1");
  EXPECT_NE(hash_value(a, 0), hash_value(b, 0));
  EXPECT_NE(hash_value(a, 0), hash_value(c, 0));
}

}  // namespace
}  // namespace sluice::ice
