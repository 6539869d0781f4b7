#include "web/router.h"

#include <gtest/gtest.h>

namespace sluice::web {
namespace {

Request request(std::string method, std::string target, Headers headers = {}) {
  Request made;
  made.method = std::move(method);
  made.url = *parse_target(target);
  made.target = std::move(target);
  made.headers = std::move(headers);
  return made;
}

class RouterTest : public testing::Test {
 protected:
  /// A route whose answer is its name and its parameters.
  void add(std::string_view method, std::string_view pattern) {
    router_.route(method, pattern,
                  [name = std::string(pattern)](const Request& r, Responder responder) {
                    std::string text = name;
                    for (const auto& [key, value] : r.parameters) {
                      text += " " + key + "=" + value;
                    }
                    responder.text(text);
                  });
  }

  Response ask(Request made) {
    Response answer;
    router_.dispatch(made, Responder([&answer](Response r) { answer = std::move(r); }));
    return answer;
  }
  std::string body(std::string method, std::string target) {
    return ask(request(std::move(method), std::move(target))).body;
  }
  int status(std::string method, std::string target) {
    return ask(request(std::move(method), std::move(target))).status;
  }

  Router router_;
};

TEST_F(RouterTest, MatchesLiteralsExactly) {
  add("GET", "/health");
  EXPECT_EQ(body("GET", "/health"), "/health");
  EXPECT_EQ(body("GET", "/health?x=1"), "/health");
  EXPECT_EQ(status("GET", "/health/"), 404);
  EXPECT_EQ(status("GET", "/Health"), 404);
  EXPECT_EQ(status("GET", "/healthy"), 404);
  EXPECT_EQ(status("GET", "/"), 404);
}

TEST_F(RouterTest, FillsDecodedParameters) {
  add("GET", "/rooms/:room/users/:user");
  EXPECT_EQ(body("GET", "/rooms/a%2Fb/users/c%20d"), "/rooms/:room/users/:user room=a/b user=c d");
  EXPECT_EQ(status("GET", "/rooms//users/x"), 404);
}

TEST_F(RouterTest, ATrailingStarTakesTheRest) {
  add("GET", "/app/*");
  EXPECT_EQ(body("GET", "/app/a/b.js"), "/app/* *=a/b.js");
  EXPECT_EQ(body("GET", "/app/"), "/app/* *=");
  EXPECT_EQ(body("GET", "/app"), "/app/* *=");
  EXPECT_EQ(status("GET", "/application"), 404);
}

TEST_F(RouterTest, TheMoreSpecificRouteWinsInAnyOrderOfRegistration) {
  add("GET", "/*");
  add("GET", "/rooms/:room");
  add("GET", "/rooms/health");
  add("GET", "/:any/health");
  EXPECT_EQ(body("GET", "/rooms/health"), "/rooms/health");
  EXPECT_EQ(body("GET", "/rooms/r"), "/rooms/:room room=r");
  EXPECT_EQ(body("GET", "/x/health"), "/:any/health any=x");
  EXPECT_EQ(body("GET", "/x/y/z"), "/* *=x/y/z");
}

TEST_F(RouterTest, ALessSpecificRouteServesMethodsTheOtherDoesNot) {
  add("GET", "/rooms/health");
  add("POST", "/rooms/:room");
  EXPECT_EQ(body("POST", "/rooms/health"), "/rooms/:room room=health");
}

TEST_F(RouterTest, UnknownPathsAre404WithAText) {
  const Response answer = ask(request("GET", "/nope?x"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "there is nothing at /nope");
  EXPECT_TRUE(answer.is_plain_error);
}

TEST_F(RouterTest, WrongMethodsAre405WithTheAllowedOnes) {
  add("GET", "/rooms");
  add("POST", "/rooms");
  const Response answer = ask(request("DELETE", "/rooms"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.get("Allow"), "GET, HEAD, POST");
}

TEST_F(RouterTest, GetServesHead) {
  add("GET", "/a");
  EXPECT_EQ(status("HEAD", "/a"), 200);
}

TEST_F(RouterTest, AStarMethodServesAll) {
  add("*", "/a/*");
  for (const char* method : {"GET", "POST", "OPTIONS", "BREW"}) {
    EXPECT_EQ(status(method, "/a/b"), 200) << method;
  }
}

TEST_F(RouterTest, APlainRequestToAWebSocketIs426) {
  router_.websocket("/*", [](const Request&, Upgrade) {});
  const Response answer = ask(request("GET", "/anything"));
  EXPECT_EQ(answer.status, 426);
  EXPECT_EQ(answer.headers.get("Upgrade"), "websocket");
}

TEST_F(RouterTest, APlainRequestToAWebSocketReadsItsNoteUnlessARouteIsAsSpecific) {
  add("GET", "/*");
  add("GET", "/ws/health");
  router_.websocket("/ws/*", [](const Request&, Upgrade) {}, "the note");
  for (const char* method : {"GET", "POST"}) {
    for (const char* target : {"/ws", "/ws/", "/ws/x"}) {
      const Response answer = ask(request(method, target));
      EXPECT_EQ(answer.status, 426) << method << target;
      EXPECT_EQ(answer.body, "the note");
    }
  }
  EXPECT_EQ(body("GET", "/ws/health"), "/ws/health");
  EXPECT_EQ(body("GET", "/wsx"), "/* *=wsx");
  EXPECT_EQ(body("GET", "/"), "/* *=");

  router_.websocket("/*", [](const Request&, Upgrade) {});
  EXPECT_EQ(body("GET", "/"), "/* *=");
}

TEST_F(RouterTest, TheLongestScopeWins) {
  router_.scope("/", {.max_body = 1});
  router_.scope("/api/files", {.max_body = 3});
  router_.scope("/api", {.max_body = 2});
  EXPECT_EQ(router_.scope_of("/x").max_body, 1u);
  EXPECT_EQ(router_.scope_of("/api").max_body, 2u);
  EXPECT_EQ(router_.scope_of("/api/x").max_body, 2u);
  EXPECT_EQ(router_.scope_of("/apix").max_body, 1u);
  EXPECT_EQ(router_.scope_of("/api/files/x").max_body, 3u);
}

TEST_F(RouterTest, PreflightsAreAnsweredWhereThereIsAPolicy) {
  add("POST", "/api/x");
  router_.scope("/api", {.cors = CorsPolicy{}, .max_body = 1});
  const Headers asked = {{"Origin", "https://a"}, {"Access-Control-Request-Method", "POST"}};
  EXPECT_EQ(ask(request("OPTIONS", "/api/x", asked)).status, 204);
  EXPECT_EQ(ask(request("OPTIONS", "/api/x")).status, 405);
  EXPECT_EQ(ask(request("OPTIONS", "/other", asked)).status, 404);
}

TEST_F(RouterTest, AnOptionsRouteGoesBeforeTheBuiltInPreflight) {
  add("OPTIONS", "/*");
  router_.scope("/", {.cors = CorsPolicy{}, .max_body = 1});
  EXPECT_EQ(ask(request("OPTIONS", "/x",
                        {{"Origin", "https://a"}, {"Access-Control-Request-Method", "POST"}}))
                .status,
            200);
}

TEST_F(RouterTest, AHandlerMayAddRoutes) {
  router_.route("GET", "/grow", [this](const Request& r, Responder responder) {
    for (int i = 0; i < 100; ++i) {
      add("GET", "/new/" + std::to_string(i));
    }
    responder.text(r.url.path);
  });
  EXPECT_EQ(body("GET", "/grow"), "/grow");
  EXPECT_EQ(body("GET", "/new/77"), "/new/77");
}

TEST(Responder, UnansweredMeans500) {
  Response answer;
  {
    const Responder responder([&answer](Response r) { answer = std::move(r); });
  }
  EXPECT_EQ(answer.status, 500);
}

TEST(Responder, TheFirstAnswerCounts) {
  Response answer;
  Responder responder([&answer](Response r) { answer = std::move(r); });
  responder.text("one");
  responder.text("two");
  EXPECT_EQ(answer.body, "one");
}

}  // namespace
}  // namespace sluice::web
