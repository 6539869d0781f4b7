// HTTPS and WSS over real sockets.
#include <openssl/ssl.h>

#include "unit/web/server_fixture.h"
#include "web/self_signed.h"

namespace sluice::web {
namespace {

class TlsServerTest : public ServerTest {
 protected:
  void SetUp() override {
    options.http.header_timeout = 5s;
    const auto made = make_self_signed();
    ASSERT_TRUE(made);
    identity = *made;
  }
  void begin() {
    start(TlsIdentity{identity.certificate_pem, identity.private_key_pem});
    server->router().route("GET", "/", [](const Request& r, Responder responder) {
      responder.text(r.secure ? "secure" : "plain");
    });
    server->router().websocket("/ws", [this](const Request& r, Upgrade upgrade) {
      EXPECT_TRUE(r.secure);
      session = upgrade.accept();
      session.on_message([this](bool, std::string_view payload) {
        session.send_text("echo " + std::string(payload));
      });
      session.on_close([this](const CloseEvent& event) { end = event; });
    });
  }
  void TearDown() override {
    session = {};
    ServerTest::TearDown();
  }

  SelfSigned identity;
  WebSocketSession session;
  std::optional<CloseEvent> end;
};

TEST_F(TlsServerTest, ServesHttpsWithTheGivenCertificate) {
  begin();
  TestClient client(loop, port);
  ASSERT_TRUE(client.start_tls());
  EXPECT_EQ(client.peer_fingerprint(), identity.fingerprint);
  EXPECT_EQ(client.request("GET", "/")->body, "secure");
  EXPECT_EQ(client.request("GET", "/")->body, "secure");
  EXPECT_EQ(client.request("GET", "/", {{"Connection", "close"}})->status, 200);
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(TlsServerTest, ServesWebSockets) {
  begin();
  TestClient client(loop, port);
  ASSERT_TRUE(client.start_tls());
  ASSERT_EQ(client.upgrade("/ws")->status, 101);
  const std::string large(500'000, 'x');
  client.send_frame(opcode::kText, large);
  EXPECT_EQ(client.frame()->payload, "echo " + large);
  session.close(4000, "done");
  const auto frame = client.frame();
  EXPECT_EQ(frame->close_code(), 4000);
  client.send_frame(opcode::kClose, frame->payload);
  EXPECT_TRUE(client.wait_for_end());
  client.close();
  EXPECT_TRUE(until([&] { return end.has_value(); }));
  EXPECT_TRUE(end->clean);
}

TEST_F(TlsServerTest, OldTlsVersionsAreRefused) {
  begin();
  TestClient old(loop, port);
  EXPECT_FALSE(old.start_tls(TLS1_1_VERSION));
  TestClient good(loop, port);
  EXPECT_TRUE(good.start_tls(TLS1_2_VERSION));
  EXPECT_EQ(good.request("GET", "/")->status, 200);
}

TEST_F(TlsServerTest, PlainHttpToATlsPortIsDropped) {
  begin();
  TestClient client(loop, port);
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(client.wait_for_end());
  EXPECT_TRUE(until([&] { return server->stats().connections == 0; }));
}

TEST_F(TlsServerTest, AHandshakeThatStallsIsDropped) {
  options.http.header_timeout = 30ms;
  begin();
  TestClient silent(loop, port);
  EXPECT_TRUE(silent.wait_for_end());
  TestClient stalled(loop, port);
  stalled.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_TRUE(stalled.wait_for_end());
}

TEST_F(TlsServerTest, CertificatesMayBeReplacedWhileRunning) {
  const std::string certificate = testing::TempDir() + "sluice-reload-cert.pem";
  const std::string key = testing::TempDir() + "sluice-reload-key.pem";
  ASSERT_TRUE(write_pem_files(identity, certificate, key));
  start(TlsIdentity{certificate, key});
  server->router().route("GET", "/", [](const Request&, Responder r) { r.text("ok"); });
  TestClient before(loop, port);
  ASSERT_TRUE(before.start_tls());
  const auto fresh = make_self_signed();
  ASSERT_TRUE(fresh);
  ASSERT_TRUE(write_pem_files(*fresh, certificate, key));
  ASSERT_TRUE(server->reload_certificates());
  TestClient after(loop, port);
  ASSERT_TRUE(after.start_tls());
  EXPECT_EQ(after.peer_fingerprint(), fresh->fingerprint);
  EXPECT_EQ(before.request("GET", "/")->body, "ok");

  std::remove(key.c_str());
  const auto failed = server->reload_certificates();
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find(key), std::string::npos);
  TestClient still(loop, port);
  EXPECT_TRUE(still.start_tls());
  std::remove(certificate.c_str());
}

TEST_F(TlsServerTest, ABadCertificateIsAClearErrorAtTheStart) {
  server = std::make_unique<Server>(loop, options);
  const auto bound =
      server->listen({"127.0.0.1", 0, TlsIdentity{"/nowhere/c.pem", "/nowhere/k.pem"}});
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().message.find("/nowhere/c.pem"), std::string::npos);
}

}  // namespace
}  // namespace sluice::web
