// Candidates from listen addresses (media-plane 1.9).
#include "protocol/ice/candidate.h"

#include <gtest/gtest.h>

namespace sluice::ice {
namespace {

ListenEntry entry(Protocol protocol, const char* ip, uint16_t port = 44444) {
  return {.protocol = protocol,
          .bound = {*parse_listen_ip(ip), port},
          .announced_address = "",
          .expose_internal_ip = false};
}

std::vector<uint32_t> local_preferences(const std::vector<Candidate>& candidates) {
  std::vector<uint32_t> all;
  for (const Candidate& candidate : candidates) {
    EXPECT_EQ(candidate.priority >> 24, 64u);
    EXPECT_EQ(candidate.priority & 0xff, 255u);
    all.push_back(candidate.priority >> 8 & 0xffff);
  }
  return all;
}

using Preferences = std::vector<uint32_t>;

const ListenEntry kMixed[] = {entry(Protocol::kUdp, "10.0.0.1"), entry(Protocol::kTcp, "10.0.0.1"),
                              entry(Protocol::kUdp, "2001:db8::1")};

TEST(Candidates, DescribeTheirEntry) {
  const auto candidates = make_candidates(kMixed, {});
  ASSERT_TRUE(candidates);
  EXPECT_EQ((*candidates)[0],
            (Candidate{"udpcandidate", 1076302079, "10.0.0.1", Protocol::kUdp, 44444}));
  EXPECT_EQ((*candidates)[1].foundation, "tcpcandidate");
  EXPECT_EQ((*candidates)[1].protocol, Protocol::kTcp);
  EXPECT_EQ((*candidates)[2].address, "2001:db8::1");
}

TEST(Candidates, Ice53FallByAHundredPerEntry) {  // ICE-53
  EXPECT_EQ(local_preferences(*make_candidates(kMixed, {})), (Preferences{10000, 9900, 9800}));
}

TEST(Candidates, Ice54PreferTcpLiftsTcp) {  // ICE-54
  EXPECT_EQ(local_preferences(*make_candidates(kMixed, {.prefer_tcp = true})),
            (Preferences{10000, 10900, 9800}));
}

TEST(Candidates, PreferUdpLiftsUdp) {
  EXPECT_EQ(local_preferences(*make_candidates(kMixed, {.prefer_udp = true})),
            (Preferences{11000, 9900, 10800}));
}

TEST(Candidates, FilteredEntriesStillCount) {
  EXPECT_EQ(local_preferences(*make_candidates(kMixed, {.enable_udp = false})),
            (Preferences{9900}));
  EXPECT_EQ(local_preferences(*make_candidates(kMixed, {.enable_tcp = false})),
            (Preferences{10000, 9800}));
}

TEST(Candidates, NoneLeftIsATypeError) {
  const auto none = make_candidates(kMixed, {.enable_udp = false, .enable_tcp = false});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::kType);
  EXPECT_FALSE(make_candidates({}, {}));
  EXPECT_FALSE(make_candidates(std::span(kMixed).first(1), {.enable_udp = false}));
}

TEST(Candidates, ShowTheAnnouncedAddressVerbatim) {
  ListenEntry announced = entry(Protocol::kUdp, "10.0.0.1");
  announced.announced_address = "Media.Example.ORG";
  const auto candidates = make_candidates({&announced, 1}, {});
  ASSERT_EQ(candidates->size(), 1u);
  EXPECT_EQ(candidates->front().address, "Media.Example.ORG");
}

TEST(Candidates, MayExposeTheBoundAddressToo) {
  ListenEntry announced = entry(Protocol::kTcp, "10.0.0.1", 5555);
  announced.announced_address = "192.0.2.7";
  announced.expose_internal_ip = true;
  const auto candidates = make_candidates({&announced, 1}, {});
  ASSERT_EQ(candidates->size(), 2u);
  EXPECT_EQ((*candidates)[0].address, "192.0.2.7");
  EXPECT_EQ((*candidates)[1].address, "10.0.0.1");
  EXPECT_EQ((*candidates)[1].priority, (*candidates)[0].priority - 1000);
  EXPECT_EQ((*candidates)[1].port, 5555);
  EXPECT_EQ((*candidates)[1].foundation, "tcpcandidate");
}

TEST(Candidates, ExposeNothingMoreWithoutAnAnnouncedAddress) {
  ListenEntry plain = entry(Protocol::kUdp, "10.0.0.1");
  plain.expose_internal_ip = true;
  EXPECT_EQ(make_candidates({&plain, 1}, {})->size(), 1u);
}

TEST(Candidates, ManyEntriesNeverWrapToTheTop) {
  const std::vector<ListenEntry> many(150, entry(Protocol::kUdp, "10.0.0.1"));
  const auto preferences = local_preferences(*make_candidates(many, {}));
  EXPECT_TRUE(std::ranges::is_sorted(preferences, std::greater()));
  EXPECT_EQ(preferences.back(), 0u);
}

TEST(ListenIp, Ice51IsNormalised) {  // ICE-51
  EXPECT_EQ(parse_listen_ip("::FFFF:1.2.3.4")->to_string(), "1.2.3.4");
  EXPECT_EQ(parse_listen_ip("0:0:0:0:0:0:0:1")->to_string(), "::1");
}

TEST(ListenIp, Ice52ANameIsATypeError) {  // ICE-52
  for (const char* text : {"foo", "", "1.2.3", "[::1]", "1.2.3.4:5"}) {
    const auto ip = parse_listen_ip(text);
    ASSERT_FALSE(ip) << text;
    EXPECT_EQ(ip.error().kind, ErrorKind::kType);
  }
}

}  // namespace
}  // namespace sluice::ice
