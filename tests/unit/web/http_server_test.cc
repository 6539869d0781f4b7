// HTTP over real sockets: answers, connections, errors.
#include "unit/web/server_fixture.h"
#include "web/static_files.h"

namespace sluice::web {
namespace {

class HttpServerTest : public ServerTest {
 protected:
  void SetUp() override {
    start();
    server->router().route("GET", "/hello", [](const Request& r, Responder responder) {
      responder.text("hello " + std::string(r.query("name")));
    });
    server->router().route("POST", "/echo",
                           [](const Request& r, Responder responder) { responder.text(r.body); });
    server->router().route("GET", "/later", [this](const Request&, Responder responder) {
      responder.on_abort([this] { aborted = true; });
      pending = std::make_unique<Responder>(std::move(responder));
    });
  }

  void TearDown() override {
    pending.reset();
    ServerTest::TearDown();
  }

  std::unique_ptr<Responder> pending;
  bool aborted = false;
};

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  TestClient client(loop, port);
  const auto first = client.request("GET", "/hello?name=a%20b");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->status, 200);
  EXPECT_EQ(first->body, "hello a b");
  EXPECT_EQ(first->headers.get("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_TRUE(first->headers.has("Date"));
  const auto second = client.request("POST", "/echo", {}, "abc");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->body, "abc");
  EXPECT_EQ(server->stats().accepted, 1u);
  EXPECT_EQ(server->stats().requests, 2u);
}

TEST_F(HttpServerTest, ClosesWhenTheClientAsksForIt) {
  TestClient client(loop, port);
  const auto answer = client.request("GET", "/hello", {{"Connection", "close"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->headers.get("Connection"), "close");
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(HttpServerTest, AnswersHttp10AndCloses) {
  TestClient client(loop, port);
  client.send("GET /hello HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(client.answer());
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  TestClient client(loop, port);
  client.send(
      "GET /hello?name=1 HTTP/1.1\r\nHost: h\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\ntwo"
      "GET /hello?name=3 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.answer()->body, "hello 1");
  EXPECT_EQ(client.answer()->body, "two");
  EXPECT_EQ(client.answer()->body, "hello 3");
}

TEST_F(HttpServerTest, PipelinedRequestsWaitBehindASlowOne) {
  TestClient client(loop, port);
  client.send(
      "GET /later HTTP/1.1\r\nHost: h\r\n\r\n"
      "GET /hello?name=2 HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(until([&] { return pending != nullptr; }));
  EXPECT_FALSE(client.anything_within(20ms));
  pending->text("first");
  EXPECT_EQ(client.answer()->body, "first");
  EXPECT_EQ(client.answer()->body, "hello 2");
  EXPECT_FALSE(aborted);
}

TEST_F(HttpServerTest, TakesChunkedBodies) {
  TestClient client(loop, port);
  client.send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n");
  client.send("2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(client.answer()->body, "abcde");
}

TEST_F(HttpServerTest, RequestsMayComeByteByByte) {
  TestClient client(loop, port);
  for (const char c :
       std::string("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok")) {
    client.send(std::string(1, c));
    loop.poll();
  }
  EXPECT_EQ(client.answer()->body, "ok");
}

TEST_F(HttpServerTest, LargeAnswersArriveWhole) {
  std::string large(3'000'000, 'x');
  large[1'500'000] = 'y';
  server->router().route("GET", "/large",
                         [&](const Request&, Responder responder) { responder.text(large); });
  TestClient client(loop, port);
  EXPECT_EQ(client.request("GET", "/large")->body, large);
}

TEST_F(HttpServerTest, HeadSendsTheLengthOnly) {
  TestClient client(loop, port);
  const auto head = client.request("HEAD", "/hello?name=abc");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers.get("Content-Length"), "9");
  EXPECT_EQ(client.request("GET", "/hello")->body, "hello ");  // nothing was left over
}

TEST_F(HttpServerTest, UnknownPathsAndMethodsSayWhat) {
  TestClient client(loop, port);
  const auto unknown = client.request("GET", "/nope");
  EXPECT_EQ(unknown->status, 404);
  EXPECT_EQ(unknown->body, "there is nothing at /nope");
  const auto method = client.request("DELETE", "/hello");
  EXPECT_EQ(method->status, 405);
  EXPECT_EQ(method->headers.get("Allow"), "GET, HEAD");
}

TEST_F(HttpServerTest, LongPollsAreAnsweredLater) {
  TestClient client(loop, port);
  client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(until([&] { return pending != nullptr; }));
  EXPECT_FALSE(client.anything_within(20ms));
  pending->json("{\"a\":1}");
  EXPECT_EQ(client.answer()->body, "{\"a\":1}");
  EXPECT_EQ(client.request("GET", "/hello")->status, 200);
}

TEST_F(HttpServerTest, AClientThatLeavesALongPollIsNoticed) {
  TestClient client(loop, port);
  client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(until([&] { return pending != nullptr; }));
  client.close();
  EXPECT_TRUE(until([&] { return aborted; }));
  EXPECT_TRUE(pending->aborted());
  pending->text("too late");  // goes nowhere
  EXPECT_TRUE(until([&] { return server->stats().connections == 0; }));
}

TEST_F(HttpServerTest, AForgottenResponderAnswers500) {
  TestClient client(loop, port);
  client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(until([&] { return pending != nullptr; }));
  pending.reset();
  EXPECT_EQ(client.answer()->status, 500);
}

TEST_F(HttpServerTest, AThrowingHandlerAnswers500AndTheServerGoesOn) {
  server->router().route("GET", "/throw", [](const Request&, Responder) {
    throw std::runtime_error("secret detail");
  });
  TestClient client(loop, port);
  const auto answer = client.request("GET", "/throw");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 500);
  EXPECT_EQ(answer->body.find("secret"), std::string::npos);
  EXPECT_EQ(client.request("GET", "/hello")->status, 200);
}

TEST_F(HttpServerTest, AResponderMayOutliveTheServer) {
  TestClient client(loop, port);
  client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(until([&] { return pending != nullptr; }));
  server.reset();
  loop.poll();
  EXPECT_FALSE(aborted);  // user code is not called after the server's end
  pending->text("x");
  pending.reset();
}

TEST_F(HttpServerTest, ExpectContinueIsAnswered) {
  TestClient client(loop, port);
  client.send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.answer()->status, 100);
  client.send("hi");
  EXPECT_EQ(client.answer()->body, "hi");
}

TEST_F(HttpServerTest, EntityTagsSave304) {
  static constexpr EmbeddedFile kFiles[] = {{"index.html", "text/html", {}, "\"tag\""}};
  server->router().route("GET", "/app/*", serve_embedded(kFiles));
  TestClient client(loop, port);
  EXPECT_EQ(client.request("GET", "/app/")->headers.get("ETag"), "\"tag\"");
  const auto again = client.request("GET", "/app/", {{"If-None-Match", "\"tag\""}});
  EXPECT_EQ(again->status, 304);
  EXPECT_EQ(client.request("GET", "/hello")->status, 200);
}

TEST_F(HttpServerTest, CorsHeadersAreOnErrorsToo) {
  server->router().scope("/", {.cors = CorsPolicy{.origins = {"https://ok"}}});
  TestClient client(loop, port);
  const auto error = client.request("GET", "/nope", {{"Origin", "https://ok"}});
  EXPECT_EQ(error->status, 404);
  EXPECT_EQ(error->headers.get("Access-Control-Allow-Origin"), "https://ok");
  const auto preflight = client.request(
      "OPTIONS", "/hello", {{"Origin", "https://ok"}, {"Access-Control-Request-Method", "GET"}});
  EXPECT_EQ(preflight->status, 204);
  EXPECT_EQ(preflight->headers.get("Access-Control-Allow-Origin"), "https://ok");
  EXPECT_FALSE(client.request("GET", "/hello", {{"Origin", "https://evil"}})
                   ->headers.has("Access-Control-Allow-Origin"));
}

TEST_F(HttpServerTest, AScopeGivesErrorsItsForm) {
  server->router().scope(
      "/api",
      {.max_body = 10, .render_error = [](const Request& r, int status, std::string_view text) {
         return Response::json(
             "{\"path\":\"" + r.url.path + "\",\"error\":\"" + std::string(text) + "\"}", status);
       }});
  TestClient client(loop, port);
  const auto unknown = client.request("GET", "/api/x");
  EXPECT_EQ(unknown->status, 404);
  EXPECT_EQ(unknown->body, "{\"path\":\"/api/x\",\"error\":\"there is nothing at /api/x\"}");
  const auto large = client.request("POST", "/api/x", {}, "more than ten bytes");
  EXPECT_EQ(large->status, 413);
  EXPECT_EQ(large->headers.get("Content-Type"), "application/json; charset=utf-8");
}

TEST_F(HttpServerTest, ProxiesTellTheClientsAddress) {
  server->router().route("GET", "/who", [](const Request& r, Responder responder) {
    responder.text(r.client.to_string() + " " + r.peer.ip.to_string() +
                   (r.secure ? " secure" : " plain"));
  });
  TestClient client(loop, port);
  EXPECT_EQ(client.request("GET", "/who")->body, "127.0.0.1 127.0.0.1 plain");
  EXPECT_EQ(
      client.request("GET", "/who", {{"X-Real-IP", "1.2.3.4"}, {"X-Forwarded-Proto", "https"}})
          ->body,
      "1.2.3.4 127.0.0.1 secure");
}

TEST_F(HttpServerTest, ATakenPortIsAClearError) {  // FoundryVTT 3.7, check 20
  Server second(loop);
  const auto bound = second.listen({"127.0.0.1", port});
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().message,
            "cannot listen on 127.0.0.1:" + std::to_string(port) + ": Address already in use");
}

TEST_F(HttpServerTest, AListenAddressMustBeAnIpLiteral) {
  const auto bound = server->listen({"example.org", 0});
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().message.find("example.org"), std::string::npos);
}

TEST_F(HttpServerTest, OneServerMayHaveSeveralListeners) {
  const auto second = server->listen({"127.0.0.1", 0});
  ASSERT_TRUE(second);
  TestClient client(loop, second->port);
  EXPECT_EQ(client.request("GET", "/hello")->status, 200);
}

TEST_F(HttpServerTest, StopAcceptingKeepsConnections) {
  TestClient client(loop, port);
  EXPECT_EQ(client.request("GET", "/hello")->status, 200);
  server->stop_accepting();
  loop.poll();
  TestClient late(loop, port);
  EXPECT_FALSE(late.request("GET", "/hello"));
  EXPECT_EQ(client.request("GET", "/hello")->status, 200);
}

}  // namespace
}  // namespace sluice::web
