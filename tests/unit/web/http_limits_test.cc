// Defences of the HTTP side: sizes, timeouts, numbers. Timeouts are set to milliseconds, every wait
// is for an event.
#include "unit/web/server_fixture.h"

namespace sluice::web {
namespace {

class HttpLimitsTest : public ServerTest {
 protected:
  void begin() {
    start();
    server->router().route("GET", "/", [](const Request&, Responder r) { r.text("ok"); });
    server->router().route(
        "POST", "/", [](const Request& q, Responder r) { r.text(std::to_string(q.body.size())); });
    server->router().route("GET", "/hold", [this](const Request&, Responder r) {
      held = std::make_unique<Responder>(std::move(r));
    });
    server->router().websocket(
        "/ws", [this](const Request&, Upgrade upgrade) { sessions.push_back(upgrade.accept()); });
  }
  void TearDown() override {
    held.reset();
    sessions.clear();
    ServerTest::TearDown();
  }

  std::unique_ptr<Responder> held;
  std::vector<WebSocketSession> sessions;
};

TEST_F(HttpLimitsTest, ALargeBodyIs413BeforeItIsSent) {
  begin();
  TestClient client(loop, port);
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n");
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(answer->body, "the request body is larger than 1048576 bytes");
  EXPECT_EQ(answer->headers.get("Connection"), "close");
}

TEST_F(HttpLimitsTest, AClientThatSendsALargeBodyAnywayStillGetsTheAnswer) {
  begin();
  TestClient client(loop, port);
  EXPECT_TRUE(client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n" +
                          std::string(4000000, 'x')));
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
}

TEST_F(HttpLimitsTest, ABodyOfExactlyTheLimitIsTaken) {
  begin();
  TestClient client(loop, port);
  const auto answer = client.request("POST", "/", {}, std::string(1024 * 1024, 'x'));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "1048576");
}

TEST_F(HttpLimitsTest, AChunkedBodyOverTheLimitIs413) {
  begin();
  TestClient client(loop, port);
  client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" +
              std::string(0x100001, 'x'));
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
}

TEST_F(HttpLimitsTest, ALargeHeaderIs431) {
  begin();
  TestClient client(loop, port);
  const auto answer = client.request("GET", "/", {{"X-Large", std::string(17000, 'x')}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 431);
  EXPECT_EQ(answer->body, "the request header is larger than 16384 bytes");
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(HttpLimitsTest, ALongTargetIs414) {
  begin();
  TestClient client(loop, port);
  const auto answer = client.request("GET", "/" + std::string(17000, 'x'));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 414);
}

TEST_F(HttpLimitsTest, GarbageIs400AndTheEnd) {
  begin();
  TestClient client(loop, port);
  client.send("\x01\x02\x03garbage\r\n\r\n");
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(HttpLimitsTest, AConnectionThatSaysNothingIsDropped) {
  options.http.header_timeout = 30ms;
  begin();
  TestClient client(loop, port);
  EXPECT_TRUE(client.wait_for_end());
  EXPECT_EQ(server->stats().request_timeouts, 1u);
}

TEST_F(HttpLimitsTest, ASlowHeaderIsDroppedHoweverSteadyItDrips) {
  options.http.header_timeout = 50ms;
  begin();
  TestClient client(loop, port);
  client.send("GET / HTTP/1.1\r\n");
  int drops = 0;
  while (drops < 10000 && client.send("X: y\r\n") && !client.wait_for_end(2ms)) {
    ++drops;
  }
  EXPECT_LT(drops, 10000);
  EXPECT_TRUE(client.wait_for_end());
  EXPECT_EQ(server->stats().request_timeouts, 1u);
}

TEST_F(HttpLimitsTest, ASlowBodyIsDropped) {
  options.http.body_timeout = 30ms;
  begin();
  TestClient client(loop, port);
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_TRUE(client.wait_for_end());
  EXPECT_EQ(server->stats().request_timeouts, 1u);
}

TEST_F(HttpLimitsTest, AnIdleConnectionIsClosed) {
  options.http.idle_timeout = 30ms;
  begin();
  TestClient client(loop, port);
  EXPECT_EQ(client.request("GET", "/")->status, 200);
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(HttpLimitsTest, AWaitingLongPollHasNoTimeout) {
  options.http.header_timeout = 20ms;
  options.http.body_timeout = 20ms;
  options.http.idle_timeout = 20ms;
  begin();
  TestClient client(loop, port);
  client.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(until([&] { return held != nullptr; }));
  EXPECT_FALSE(client.wait_for_end(100ms));
  held->text("at last");
  EXPECT_EQ(client.answer()->body, "at last");
}

TEST_F(HttpLimitsTest, AClientThatDoesNotReadIsDropped) {
  options.http.write_timeout = 30ms;
  begin();
  server->router().route("GET", "/large",
                         [](const Request&, Responder r) { r.text(std::string(50'000'000, 'x')); });
  TestClient client(loop, port);
  client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(until([&] { return server->stats().request_timeouts == 1; }));
  EXPECT_TRUE(until([&] { return server->stats().connections == 0; }));
}

TEST_F(HttpLimitsTest, ConnectionsOverTheTotalAreTurnedAway) {
  options.admission.max_connections = 2;
  begin();
  TestClient a(loop, port);
  TestClient b(loop, port);
  EXPECT_EQ(a.request("GET", "/")->status, 200);
  EXPECT_EQ(b.request("GET", "/")->status, 200);
  TestClient c(loop, port);
  const auto answer = c.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "too many connections");
  EXPECT_EQ(server->stats().refused_total, 1u);
  a.close();
  EXPECT_TRUE(until([&] { return server->stats().connections == 1; }));
  TestClient d(loop, port);
  EXPECT_EQ(d.request("GET", "/")->status, 200);
}

TEST_F(HttpLimitsTest, ConnectionsOfOneAddressAreLimited) {
  options.trust_private_peers = false;  // else loopback counts as a proxy
  options.admission.max_per_address = 2;
  begin();
  TestClient a(loop, port);
  TestClient b(loop, port);
  EXPECT_EQ(a.request("GET", "/")->status, 200);
  EXPECT_EQ(b.request("GET", "/")->status, 200);
  TestClient c(loop, port);
  EXPECT_EQ(c.answer()->status, 503);
  EXPECT_EQ(server->stats().refused_address, 1u);
  TestClient other(loop, port, "127.0.0.2");
  EXPECT_EQ(other.request("GET", "/")->status, 200);
}

TEST_F(HttpLimitsTest, UsersBehindAProxyAreLimitedByTheirOwnAddress) {
  options.admission.max_per_address = 1;
  begin();
  TestClient a(loop, port);
  TestClient b(loop, port);
  TestClient c(loop, port);
  EXPECT_EQ(a.upgrade("/ws", {{"X-Forwarded-For", "1.2.3.4"}})->status, 101);
  EXPECT_EQ(b.upgrade("/ws", {{"X-Forwarded-For", "1.2.3.4"}})->status, 503);
  EXPECT_EQ(c.upgrade("/ws", {{"X-Forwarded-For", "1.2.3.5"}})->status, 101);
  a.close();
  EXPECT_TRUE(until([&] { return server->stats().websockets == 1; }));
  TestClient d(loop, port);
  EXPECT_EQ(d.upgrade("/ws", {{"X-Forwarded-For", "1.2.3.4"}})->status, 101);
}

TEST_F(HttpLimitsTest, RequestsPerSecondAreLimitedPerAddress) {
  options.admission.requests_per_second = 0.001;
  options.admission.burst = 2;
  begin();
  TestClient client(loop, port);
  EXPECT_EQ(client.request("GET", "/")->status, 200);
  EXPECT_EQ(client.request("GET", "/")->status, 200);
  const auto third = client.request("GET", "/");
  EXPECT_EQ(third->status, 429);
  EXPECT_EQ(third->headers.get("Retry-After"), "1");
  EXPECT_EQ(client.request("GET", "/", {{"X-Real-IP", "9.9.9.9"}})->status, 200);
}

TEST_F(HttpLimitsTest, ManyIdleConnectionsAreTakenAndDropped) {
  options.http.header_timeout = 2s;
  begin();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<TestClient>(loop, port));
  }
  EXPECT_TRUE(until([&] { return server->stats().connections == 200; }));
  EXPECT_EQ(clients.back()->request("GET", "/")->status, 200);
  EXPECT_TRUE(until([&] { return server->stats().connections == 1; }));
}

}  // namespace
}  // namespace sluice::web
