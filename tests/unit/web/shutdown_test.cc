// The end in order: 1001 to WebSockets, answers to requests at work, then nothing.
#include "unit/web/server_fixture.h"

namespace sluice::web {
namespace {

class ShutdownTest : public ServerTest {
 protected:
  void SetUp() override {
    start();
    server->router().route("GET", "/", [](const Request&, Responder r) { r.text("ok"); });
    server->router().route("GET", "/hold", [this](const Request&, Responder r) {
      held = std::make_unique<Responder>(std::move(r));
    });
    server->router().websocket("/ws", [this](const Request&, Upgrade upgrade) {
      session = upgrade.accept();
      session.on_close([this](const CloseEvent& event) { end = event; });
    });
  }
  void TearDown() override {
    held.reset();
    session = {};
    ServerTest::TearDown();
  }

  void shutdown(Micros timeout = kPatience) {
    server->shutdown({.timeout = timeout}, [this] { done = true; });
  }

  std::unique_ptr<Responder> held;
  WebSocketSession session;
  std::optional<CloseEvent> end;
  bool done = false;
};

TEST_F(ShutdownTest, WithoutConnectionsItIsDoneAtOnce) {
  shutdown();
  EXPECT_FALSE(done);  // never from within the call
  EXPECT_TRUE(until([&] { return done; }));
  TestClient client(loop, port);
  EXPECT_FALSE(client.request("GET", "/"));
}

TEST_F(ShutdownTest, WebSocketsGet1001WithAHandshake) {  // FoundryVTT check 23
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  shutdown();
  const auto frame = client.frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->close_code(), 1001);
  EXPECT_FALSE(done);
  client.send_frame(opcode::kClose, frame->payload);
  EXPECT_TRUE(client.wait_for_end());
  client.close();
  EXPECT_TRUE(until([&] { return done; }));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->code, 1001);
  EXPECT_TRUE(end->clean);
}

TEST_F(ShutdownTest, RequestsAtWorkGetTheirAnswersAndIdleOnesEnd) {
  TestClient idle(loop, port);
  ASSERT_EQ(idle.request("GET", "/")->status, 200);
  TestClient waiting(loop, port);
  waiting.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(until([&] { return held != nullptr; }));
  shutdown();
  EXPECT_TRUE(idle.wait_for_end());
  EXPECT_FALSE(done);
  held->text("finished");
  const auto answer = waiting.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "finished");
  EXPECT_EQ(answer->headers.get("Connection"), "close");
  EXPECT_TRUE(waiting.wait_for_end());
  waiting.close();
  EXPECT_TRUE(until([&] { return done; }));
}

TEST_F(ShutdownTest, WhatDoesNotEndIsCutAtTheTimeout) {
  TestClient mute(loop, port);
  ASSERT_EQ(mute.upgrade("/ws")->status, 101);
  TestClient waiting(loop, port);
  waiting.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(until([&] { return held != nullptr; }));
  bool aborted = false;
  held->on_abort([&] { aborted = true; });
  shutdown(30ms);
  EXPECT_TRUE(until([&] { return done; }));
  EXPECT_TRUE(end);
  EXPECT_TRUE(aborted);
  EXPECT_EQ(server->stats().connections, 0u);
}

TEST_F(ShutdownTest, TheCodeMayBeAnother) {
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  server->shutdown({.close_code = close_code::kRestart, .reason = "restart", .timeout = 2s}, [] {});
  const auto frame = client.frame();
  EXPECT_EQ(frame->close_code(), 1012);
  EXPECT_EQ(frame->payload.substr(2), "restart");
}

TEST_F(ShutdownTest, CloseAllCutsEverything) {
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  server->close_all();
  EXPECT_TRUE(client.wait_for_end());
  EXPECT_TRUE(until([&] { return end.has_value(); }));
}

}  // namespace
}  // namespace sluice::web
