#include "web/response.h"

#include <gtest/gtest.h>

#include "web/cors.h"

namespace sluice::web {
namespace {

Request get(Headers headers = {}) {
  Request made;
  made.method = "GET";
  made.headers = std::move(headers);
  return made;
}

TEST(Response, SerializesHeadWithLengthAndDate) {
  const std::string head =
      serialize_head(Response::json("{}"), {.keep_alive = true, .unix_seconds = 784111777});
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 2\r\n\r\n");
}

TEST(Response, TellsWhetherTheConnectionStays) {
  const Response r = Response::text("");
  EXPECT_NE(serialize_head(r, {.keep_alive = false}).find("Connection: close\r\n"),
            std::string::npos);
  EXPECT_NE(
      serialize_head(r, {.keep_alive = true, .http_1_1 = false}).find("Connection: keep-alive\r\n"),
      std::string::npos);
}

TEST(Response, NoBodyAndNoLengthFor204And304) {
  for (const int status : {204, 304}) {
    const Response r = Response::text("x", status);
    EXPECT_EQ(serialize_head(r, {}).find("Content-Length"), std::string::npos);
    EXPECT_TRUE(wire_body(r, {}).empty());
  }
}

TEST(Response, AHandlersOwnContentLengthStays) {
  Response r;
  r.status = 204;
  r.headers.add("Content-Length", "0");
  EXPECT_NE(serialize_head(r, {}).find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(Response, HeadKeepsTheLengthButNotTheBody) {
  const Response r = Response::text("abc");
  EXPECT_NE(serialize_head(r, {.head_request = true}).find("Content-Length: 3"), std::string::npos);
  EXPECT_TRUE(wire_body(r, {.head_request = true}).empty());
}

TEST(Response, HeaderValuesCannotStartHeaders) {
  Response r;
  r.headers.add("Location", "/x\r\nSet-Cookie: a=b\n\nbody");
  const std::string head = serialize_head(r, {});
  EXPECT_NE(head.find("Location: /xSet-Cookie: a=bbody\r\n"), std::string::npos);
}

TEST(Response, AKnownEntityTagMakes304) {
  for (const char* known : {"\"v1\"", "\"v0\", \"v1\"", "W/\"v1\"", "*"}) {
    Response r = Response::text("abc");
    r.headers.add("ETag", "\"v1\"");
    apply_conditions(get({{"If-None-Match", known}}), r);
    EXPECT_EQ(r.status, 304) << known;
    EXPECT_TRUE(r.body.empty());
    EXPECT_EQ(r.headers.get("ETag"), "\"v1\"");
  }
}

TEST(Response, AnotherEntityTagSendsTheBody) {
  Response r = Response::text("abc");
  r.headers.add("ETag", "\"v2\"");
  apply_conditions(get({{"If-None-Match", "\"v1\""}}), r);
  EXPECT_EQ(r.status, 200);
}

TEST(Cors, AStarAllowsAllWithoutEcho) {
  Response r;
  add_cors({}, get({{"Origin", "https://a"}}), r);
  EXPECT_EQ(r.headers.get("Access-Control-Allow-Origin"), "*");
  EXPECT_FALSE(r.headers.has("Access-Control-Allow-Credentials"));
}

TEST(Cors, AListEchoesTheMatchingOriginAndVaries) {
  const CorsPolicy policy{.origins = {"https://a", "https://b/"}};
  Response r;
  add_cors(policy, get({{"Origin", "https://B"}}), r);
  EXPECT_EQ(r.headers.get("Access-Control-Allow-Origin"), "https://B");
  EXPECT_EQ(r.headers.get("Vary"), "Origin");
  Response other;
  add_cors(policy, get({{"Origin", "https://evil"}}), other);
  EXPECT_FALSE(other.headers.has("Access-Control-Allow-Origin"));
  EXPECT_EQ(other.headers.get("Vary"), "Origin");
}

TEST(Cors, PreflightReflectsTheAskedHeadersUnlessFixed) {
  Request asked = get({{"Origin", "https://a"},
                       {"Access-Control-Request-Method", "PUT"},
                       {"Access-Control-Request-Headers", "x-a, x-b"}});
  asked.method = "OPTIONS";
  ASSERT_TRUE(is_preflight(asked));
  EXPECT_EQ(preflight_answer({}, asked).headers.get("Access-Control-Allow-Headers"), "x-a, x-b");
  const Response fixed =
      preflight_answer({.origins = {"*"}, .methods = "*", .headers = "*"}, asked);
  EXPECT_EQ(fixed.headers.get("Access-Control-Allow-Headers"), "*");
  EXPECT_EQ(fixed.headers.get("Access-Control-Allow-Methods"), "*");
  EXPECT_EQ(fixed.status, 204);
}

TEST(Cors, OriginListsCompareWithoutCase) {
  const std::vector<std::string> list = {"https://Game.example"};
  EXPECT_TRUE(origin_allowed(list, "https://game.example"));
  EXPECT_FALSE(origin_allowed(list, "https://game.example.evil"));
  EXPECT_FALSE(origin_allowed(list, ""));
  EXPECT_FALSE(origin_allowed({}, "https://game.example"));
}

}  // namespace
}  // namespace sluice::web
