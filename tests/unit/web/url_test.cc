#include "web/url.h"

#include <gtest/gtest.h>

namespace sluice::web {
namespace {

using Pairs = QueryParameters;

TEST(Url, DecodesEscapes) {
  EXPECT_EQ(percent_decode("a%20b%2fc"), "a b/c");
  EXPECT_EQ(percent_decode("%D0%9E"), "О");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
}

TEST(Url, RejectsMalformedEscapesInPaths) {
  for (const char* text : {"%", "%2", "%zz", "a%2", "%2g"}) {
    EXPECT_FALSE(percent_decode(text)) << text;
    EXPECT_FALSE(parse_target(std::string("/") + text)) << text;
  }
  EXPECT_FALSE(parse_target("/a%00b"));
}

TEST(Url, EncodeThenDecodeGivesTheSame) {
  std::string all;
  for (int c = 0; c < 256; ++c) {
    all.push_back(static_cast<char>(c));
  }
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("a/b c"), "a%2Fb%20c");
}

TEST(Url, ParsesQueriesAsFormsDo) {
  EXPECT_EQ(parse_query("a=1&b=x%20y+z&c&=d&&e=1=2"),
            (Pairs{{"a", "1"}, {"b", "x y z"}, {"c", ""}, {"", "d"}, {"e", "1=2"}}));
  EXPECT_EQ(parse_query(""), Pairs{});
  EXPECT_EQ(parse_query("a=%zz&b=%4"), (Pairs{{"a", "%zz"}, {"b", "%4"}}));
}

TEST(Url, DecodesEachSegmentByItself) {
  const auto target = parse_target("/rooms/a%2Fb%20c/x?q=1");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->raw_path, "/rooms/a%2Fb%20c/x");
  EXPECT_EQ(target->path, "/rooms/a/b c/x");
  EXPECT_EQ(target->segments, (std::vector<std::string>{"rooms", "a/b c", "x"}));
  EXPECT_EQ(target->query, (Pairs{{"q", "1"}}));
}

TEST(Url, KeepsATrailingSlashAndAnEmptyQuery) {
  EXPECT_EQ(parse_target("/a/?")->segments, (std::vector<std::string>{"a", ""}));
  EXPECT_TRUE(parse_target("/a?")->query.empty());
  EXPECT_EQ(parse_target("/")->segments, std::vector<std::string>{""});
}

TEST(Url, TakesAbsoluteForms) {
  EXPECT_EQ(parse_target("http://host:1/a?b=c")->path, "/a");
  EXPECT_EQ(parse_target("HTTPS://host")->path, "/");
  EXPECT_EQ(parse_target("wss://host?room=x")->query, (Pairs{{"room", "x"}}));
  EXPECT_EQ(parse_target("*")->path, "*");
  EXPECT_FALSE(parse_target("host:443"));
  EXPECT_FALSE(parse_target("ftp://host/"));
  EXPECT_FALSE(parse_target(""));
}

TEST(Url, TakesHostFieldsApart) {
  EXPECT_EQ(parse_host("example.org")->host, "example.org");
  EXPECT_FALSE(parse_host("example.org")->port);
  EXPECT_EQ(parse_host("example.org:4443")->port, 4443);
  EXPECT_EQ(parse_host("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_host("[::1]:80")->port, 80);
  EXPECT_EQ(parse_host("[::1]")->host, "::1");
  for (const char* text : {"", ":80", "[::1", "[::1]80", "a:b", "a:99999", "a b", "u@h", "::1"}) {
    EXPECT_FALSE(parse_host(text)) << text;
  }
}

}  // namespace
}  // namespace sluice::web
