// WebSockets over real sockets: messages, ends, limits, keep-alive.
#include <algorithm>

#include "unit/web/server_fixture.h"

namespace sluice::web {
namespace {

class WebSocketTest : public ServerTest {
 protected:
  /// A route "/ws" whose one session is `session`; it records what it hears.
  void begin(AcceptOptions accept_options = {}) {
    start();
    server->router().websocket("/ws", [this, accept_options](const Request&, Upgrade upgrade) {
      hold(upgrade.accept(accept_options));
    });
  }
  void hold(WebSocketSession opened) {
    session = std::move(opened);
    session.on_message([this](bool is_text, std::string_view payload) {
      messages.push_back((is_text ? "t:" : "b:") + std::string(payload));
    });
    session.on_close([this](const CloseEvent& event) { ends.push_back(event); });
  }
  void TearDown() override {
    session = {};
    ServerTest::TearDown();
  }

  bool ended() {
    return until([this] { return !ends.empty(); });
  }

  WebSocketSession session;
  std::vector<std::string> messages;
  std::vector<CloseEvent> ends;
};

TEST_F(WebSocketTest, TheHandshakeFollowsTheRfc) {
  begin();
  TestClient client(loop, port);
  const auto answer = client.upgrade("/ws", {{"Sec-WebSocket-Protocol", "protoo"},
                                             {"Sec-WebSocket-Extensions", "permessage-deflate"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 101);
  EXPECT_EQ(answer->headers.get("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_FALSE(answer->headers.has("Sec-WebSocket-Protocol"));
  EXPECT_FALSE(answer->headers.has("Sec-WebSocket-Extensions"));
}

TEST_F(WebSocketTest, TheHandlerChoosesTheSubprotocolAndHeaders) {
  start();
  server->router().websocket("/*", [this](const Request& r, Upgrade upgrade) {
    const auto offered = offered_subprotocols(r);
    const auto found = std::find_if(offered.begin(), offered.end(), [](std::string_view name) {
      return equal_ignoring_case(name, "protoo");
    });
    if (found == offered.end()) {
      Response refusal;
      refusal.status = 403;
      refusal.headers.add("X-WebSocket-Reject-Reason", "invalid/missing Sec-WebSocket-Protocol");
      upgrade.refuse(std::move(refusal));
      return;
    }
    hold(upgrade.accept({.subprotocol = std::string(*found), .headers = {{"X-Extra", "1"}}}));
  });
  TestClient good(loop, port);
  const auto answer =
      good.upgrade("/any/path?roomId=r", {{"Sec-WebSocket-Protocol", "foo, Protoo"}});
  EXPECT_EQ(answer->status, 101);
  EXPECT_EQ(answer->headers.get("Sec-WebSocket-Protocol"), "Protoo");
  EXPECT_EQ(answer->headers.get("X-Extra"), "1");
  TestClient bad(loop, port);
  const auto refusal = bad.upgrade("/", {{"Sec-WebSocket-Protocol", "foo"}});
  EXPECT_EQ(refusal->status, 403);
  EXPECT_TRUE(refusal->headers.has("X-WebSocket-Reject-Reason"));
  EXPECT_EQ(refusal->body, "");
  EXPECT_TRUE(bad.wait_for_end());
}

TEST_F(WebSocketTest, RefusalsArePlainHttpAndEndTheConnection) {  // FoundryVTT check 25
  start();
  server->router().websocket("/:status", [](const Request& r, Upgrade upgrade) {
    upgrade.refuse(std::stoi(std::string(r.parameter("status"))), "because");
  });
  for (const int status : {400, 401, 403}) {
    TestClient client(loop, port);
    const auto answer = client.upgrade("/" + std::to_string(status));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->body, "because");
    EXPECT_EQ(answer->headers.get("Connection"), "close");
    EXPECT_TRUE(client.wait_for_end());
  }
}

TEST_F(WebSocketTest, MalformedHandshakesAreRefused) {
  begin();
  TestClient old(loop, port);
  old.send(
      "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const auto answer = old.answer();
  EXPECT_EQ(answer->status, 426);
  EXPECT_EQ(answer->headers.get("Sec-WebSocket-Version"), "13");
  TestClient keyless(loop, port);
  keyless.send(
      "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\n\r\n");
  EXPECT_EQ(keyless.answer()->status, 400);
  TestClient elsewhere(loop, port);
  EXPECT_EQ(elsewhere.upgrade("/nowhere")->status, 404);
  TestClient plain(loop, port);
  EXPECT_EQ(plain.request("GET", "/ws")->status, 426);
}

TEST_F(WebSocketTest, ADecisionMayComeLater) {
  start();
  std::optional<Upgrade> waiting;
  server->router().websocket(
      "/ws", [&](const Request&, Upgrade upgrade) { waiting = std::move(upgrade); });
  TestClient client(loop, port);
  client.send(
      "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  ASSERT_TRUE(until([&] { return waiting.has_value(); }));
  EXPECT_FALSE(client.anything_within(20ms));
  hold(waiting->accept());
  session.send_text("first");  // waits for the handshake
  EXPECT_EQ(client.answer(true)->status, 101);
  EXPECT_EQ(client.frame()->payload, "first");
}

TEST_F(WebSocketTest, AForgottenUpgradeAnswers500) {
  start();
  server->router().websocket("/ws", [](const Request&, Upgrade) {});
  TestClient client(loop, port);
  EXPECT_EQ(client.upgrade("/ws")->status, 500);
}

TEST_F(WebSocketTest, MessagesGoBothWaysInOrder) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  for (int i = 0; i < 100; ++i) {
    client.send_frame(opcode::kText, "m" + std::to_string(i));
    session.send_text("s" + std::to_string(i));
  }
  ASSERT_TRUE(until([&] { return messages.size() == 100; }));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(messages[static_cast<size_t>(i)], "t:m" + std::to_string(i));
    const auto frame = client.frame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->opcode, opcode::kText);
    EXPECT_TRUE(frame->fin);
    EXPECT_EQ(frame->payload, "s" + std::to_string(i));
  }
  EXPECT_EQ(session.queued_bytes(), 0u);
}

TEST_F(WebSocketTest, FramesSentTogetherWithTheHandshakeAreNotLost) {
  begin();
  TestClient client(loop, port);
  client.send(
      "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
      make_frame(opcode::kText, "early"));
  EXPECT_TRUE(until([&] { return messages == std::vector<std::string>{"t:early"}; }));
}

TEST_F(WebSocketTest, LargeMessagesArriveWhole) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  const std::string large(1024 * 1024, 'x');
  client.send_frame(opcode::kText, large);
  ASSERT_TRUE(until([&] { return messages.size() == 1; }));
  EXPECT_EQ(messages[0].size(), large.size() + 2);
  session.send_text(large);
  EXPECT_EQ(client.frame()->payload, large);
}

TEST_F(WebSocketTest, FragmentsArePutTogetherAroundControlFrames) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  client.send_frame(opcode::kText, "one ", false);
  client.send_frame(opcode::kPing, "p");
  client.send_frame(opcode::kContinuation, "two ", false);
  client.send_frame(opcode::kContinuation, "three");
  EXPECT_TRUE(until([&] { return messages == std::vector<std::string>{"t:one two three"}; }));
  const auto pong = client.frame();
  EXPECT_EQ(pong->opcode, opcode::kPong);
  EXPECT_EQ(pong->payload, "p");
}

TEST_F(WebSocketTest, BinaryIsDroppedUnlessWanted) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  client.send_frame(opcode::kBinary, "\x01\x02");
  client.send_frame(opcode::kText, "after");
  EXPECT_TRUE(until([&] { return messages == std::vector<std::string>{"t:after"}; }));
}

TEST_F(WebSocketTest, BinaryIsDeliveredAndSentWhenWanted) {
  begin({.deliver_binary = true});
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  client.send_frame(opcode::kBinary, "\xff\xfe");
  EXPECT_TRUE(until([&] { return messages == std::vector<std::string>{"b:\xff\xfe"}; }));
  session.send_binary("\x80");
  EXPECT_EQ(client.frame()->opcode, opcode::kBinary);
}

TEST_F(WebSocketTest, ATooLargeMessageIs1009WithoutBeingStored) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  client.send_frame(opcode::kText, std::string(10'000'000, 'x'));
  const auto frame = client.frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, opcode::kClose);
  EXPECT_EQ(frame->close_code(), 1009);
  client.close();
  ASSERT_TRUE(ended());
  EXPECT_EQ(ends[0].code, 1009);
  EXPECT_TRUE(messages.empty());
}

TEST_F(WebSocketTest, ATooLargeMessageInFragmentsIs1009) {
  begin({.max_message = 10});
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  client.send_frame(opcode::kText, "12345678", false);
  client.send_frame(opcode::kContinuation, "90", false);
  client.send_frame(opcode::kContinuation, "x");
  EXPECT_EQ(client.frame()->close_code(), 1009);
}

TEST_F(WebSocketTest, InvalidUtf8Is1007) {
  begin();
  for (const char* bad : {"\xff", "\xc3\x28", "\xed\xa0\x80", "abc\xe2\x82"}) {
    TestClient client(loop, port);
    ASSERT_EQ(client.upgrade("/ws")->status, 101);
    client.send_frame(opcode::kText, bad);
    const auto frame = client.frame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->close_code(), 1007);
  }
  EXPECT_TRUE(messages.empty());
}

TEST_F(WebSocketTest, ProtocolErrorsAre1002) {
  begin();
  const std::string unmasked = {static_cast<char>(0x81), 1, 'x'};
  const std::string reserved_bit = {static_cast<char>(0xc1), static_cast<char>(0x80), 0, 0, 0, 0};
  const std::string bad_opcode = {static_cast<char>(0x83), static_cast<char>(0x80), 0, 0, 0, 0};
  for (const std::string& bad :
       {unmasked, reserved_bit, bad_opcode, make_frame(opcode::kContinuation, "x"),
        make_frame(opcode::kPing, "x", false), make_frame(opcode::kClose, close_payload(999))}) {
    ends.clear();
    TestClient client(loop, port);
    ASSERT_EQ(client.upgrade("/ws")->status, 101);
    client.send(bad);
    const auto frame = client.frame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->close_code(), 1002);
    client.close();
    ASSERT_TRUE(ended());
    EXPECT_EQ(ends[0].code, 1002);
    EXPECT_FALSE(ends[0].clean);
  }
}

TEST_F(WebSocketTest, ThePeersCloseIsAnsweredAndReported) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  client.send_frame(opcode::kClose, close_payload(1001, "leaving"));
  EXPECT_EQ(client.frame()->close_code(), 1001);
  EXPECT_TRUE(client.wait_for_end());
  client.close();
  ASSERT_TRUE(ended());
  EXPECT_EQ(ends[0].code, 1001);
  EXPECT_EQ(ends[0].reason, "leaving");
  EXPECT_TRUE(ends[0].clean);
  EXPECT_TRUE(ends[0].by_peer);
  EXPECT_FALSE(session.open());
  EXPECT_FALSE(session.send_text("x"));
}

TEST_F(WebSocketTest, ACloseWithoutCodeIs1005) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  client.send_frame(opcode::kClose, "");
  client.wait_for_end();
  client.close();
  ASSERT_TRUE(ended());
  EXPECT_EQ(ends[0].code, 1005);
  EXPECT_TRUE(ends[0].clean);
}

TEST_F(WebSocketTest, AVanishedPeerIs1006) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  client.close();
  ASSERT_TRUE(ended());
  EXPECT_EQ(ends[0].code, 1006);
  EXPECT_FALSE(ends[0].clean);
  EXPECT_TRUE(ends[0].by_peer);
  EXPECT_TRUE(until([&] { return server->stats().connections == 0; }));
}

TEST_F(WebSocketTest, OurCloseFollowsWhatWasQueued) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  session.send_text("last words");
  session.close(4000, "enough");
  session.close(4001, "ignored");
  EXPECT_FALSE(session.send_text("too late"));
  EXPECT_EQ(client.frame()->payload, "last words");
  const auto frame = client.frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->close_code(), 4000);
  EXPECT_EQ(frame->payload.substr(2), "enough");
  EXPECT_TRUE(ends.empty());
  client.send_frame(opcode::kText, "not delivered any more");
  client.send_frame(opcode::kClose, frame->payload);
  client.wait_for_end();
  client.close();
  ASSERT_TRUE(ended());
  EXPECT_EQ(ends[0].code, 4000);
  EXPECT_TRUE(ends[0].clean);
  EXPECT_FALSE(ends[0].by_peer);
  EXPECT_TRUE(messages.empty());
}

TEST_F(WebSocketTest, AnUnansweredCloseIsBoundedInTime) {
  options.websocket.close_timeout = 30ms;
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  session.close(4000);
  ASSERT_TRUE(ended());
  EXPECT_EQ(ends[0].code, 4000);
  EXPECT_FALSE(ends[0].clean);
  EXPECT_EQ(ends.size(), 1u);
}

TEST_F(WebSocketTest, LongReasonsAreCutBetweenCharacters) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  std::string reason;
  for (int i = 0; i < 50; ++i) {
    reason += "€";
  }
  session.close(4000, reason);
  const auto frame = client.frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->payload.substr(2), reason.substr(0, 123));
}

TEST_F(WebSocketTest, DestroyingTheSessionClosesAndSilencesIt) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  session = {};
  EXPECT_EQ(client.frame()->close_code(), 1000);
  client.send_frame(opcode::kText, "x");
  client.close();
  EXPECT_TRUE(until([&] { return server->stats().connections == 0; }));
  EXPECT_TRUE(ends.empty());
  EXPECT_TRUE(messages.empty());
}

TEST_F(WebSocketTest, ASessionMayBeDestroyedInItsOwnCallbacks) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  session.on_message([this, big = std::string(100, 'c')](bool, std::string_view payload) {
    session = {};
    messages.push_back(big.substr(0, 1) + std::string(payload));  // still alive
  });
  client.send_frame(opcode::kText, "bye");
  EXPECT_TRUE(until([&] { return messages == std::vector<std::string>{"cbye"}; }));

  TestClient second(loop, port);
  ASSERT_EQ(second.upgrade("/ws")->status, 101);
  session.on_close([this, big = std::string(100, 'c')](const CloseEvent& event) {
    session = {};
    ends.push_back(event);
    EXPECT_EQ(big.size(), 100u);
  });
  second.close();
  EXPECT_TRUE(ended());
}

TEST_F(WebSocketTest, ACallbackMayReplaceItself) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  session.on_message([this](bool, std::string_view) {
    session.on_message([this](bool, std::string_view payload) {
      messages.push_back("second handler: " + std::string(payload));
    });
  });
  client.send_frame(opcode::kText, "1");
  client.send_frame(opcode::kText, "2");
  EXPECT_TRUE(until([&] { return messages == std::vector<std::string>{"second handler: 2"}; }));
}

TEST_F(WebSocketTest, AThrowingMessageHandlerCloses1011) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  session.on_message([](bool, std::string_view) { throw std::runtime_error("x"); });
  client.send_frame(opcode::kText, "1");
  EXPECT_EQ(client.frame()->close_code(), 1011);
}

TEST_F(WebSocketTest, AClientThatDoesNotReadIsDroppedAtTheQueueLimit) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  const std::string message(100'000, 'x');
  size_t sent = 0;
  size_t highest = 0;
  while (sent < 1000 && session.send_text(message)) {
    ++sent;
    highest = std::max(highest, session.queued_bytes());
    loop.poll();  // the kernel takes what it can
  }
  EXPECT_LT(sent, 1000u);
  EXPECT_LE(highest, 8u * 1024 * 1024);
  EXPECT_TRUE(ends.empty());  // never from within send
  ASSERT_TRUE(ended());
  EXPECT_EQ(ends[0].code, 1006);
  EXPECT_FALSE(ends[0].by_peer);
  EXPECT_NE(ends[0].reason.find("does not read"), std::string::npos);
  EXPECT_EQ(server->stats().dropped_backlog, 1u);
}

TEST_F(WebSocketTest, PingsKeepALivingPeer) {
  options.websocket.ping_interval = 20ms;
  options.websocket.idle_timeout = 2s;
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  for (int i = 0; i < 3; ++i) {
    const auto ping = client.frame();
    ASSERT_TRUE(ping);
    EXPECT_EQ(ping->opcode, opcode::kPing);
    client.send_frame(opcode::kPong, ping->payload);
  }
  EXPECT_TRUE(ends.empty());
}

TEST_F(WebSocketTest, ASilentPeerIsDropped) {
  options.websocket.ping_interval = 20ms;
  options.websocket.idle_timeout = 60ms;
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  ASSERT_TRUE(ended());
  EXPECT_EQ(ends[0].code, 1006);
  EXPECT_FALSE(ends[0].by_peer);
  EXPECT_EQ(server->stats().dropped_silent, 1u);
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(WebSocketTest, AProbeDropsADeadPeerAndKeepsALivingOne) {
  begin();
  TestClient living(loop, port);
  ASSERT_EQ(living.upgrade("/ws")->status, 101);
  session.probe(1h);
  const auto ping = living.frame();
  EXPECT_EQ(ping->opcode, opcode::kPing);
  living.send_frame(opcode::kPong, ping->payload);
  EXPECT_FALSE(living.wait_for_end(10ms));

  session.probe(10ms);
  ASSERT_TRUE(ended());
  EXPECT_EQ(server->stats().dropped_silent, 1u);
}

TEST_F(WebSocketTest, ASessionOutlivesItsServer) {
  begin();
  TestClient client(loop, port);
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  server.reset();
  ASSERT_TRUE(ended());
  EXPECT_FALSE(session.send_text("x"));
}

TEST_F(WebSocketTest, AcceptingAfterTheClientHasGoneReportsTheEnd) {
  start();
  std::optional<Upgrade> waiting;
  server->router().websocket(
      "/ws", [&](const Request&, Upgrade upgrade) { waiting = std::move(upgrade); });
  TestClient client(loop, port);
  client.send(
      "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  ASSERT_TRUE(until([&] { return waiting.has_value(); }));
  server->close_all();
  loop.poll();
  hold(waiting->accept());
  ASSERT_TRUE(ended());
  EXPECT_EQ(ends[0].code, 1006);
}

}  // namespace
}  // namespace sluice::web
