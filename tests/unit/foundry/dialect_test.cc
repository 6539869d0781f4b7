// The dialect over real sockets (foundryvtt 1.1, 2.2, 2.3, 3.4, 6 and the raw checks of 8).
#include "dialects/foundry/dialect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "unit/foundry/foundry_world.h"
#include "unit/web/test_client.h"
#include "web/server.h"

namespace sluice::foundry {
namespace {

namespace bj = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

/// A raw WebSocket that talks JSON.
class Socket {
 public:
  Socket(web::EventLoop& loop, uint16_t port) : client(loop, port) {}

  /// Status of the upgrade.
  int open(std::string_view target, const web::Headers& headers = {}) {
    const auto answer = client.upgrade(target, headers);
    return answer ? answer->status : 0;
  }
  bool send(std::string_view text) { return client.send_frame(web::opcode::kText, text); }
  /// The next message; an empty object when there is none.
  bj::object next() {
    const auto frame = client.frame();
    EXPECT_TRUE(frame);
    if (!frame) {
      return {};
    }
    EXPECT_EQ(frame->opcode, web::opcode::kText) << frame->payload;
    return frame->opcode == web::opcode::kText ? bj::parse(frame->payload).as_object()
                                               : bj::object{};
  }
  /// Sends a request of the module and takes the next message for its answer.
  bj::object ask(std::string_view method, bj::object fields = {}) {
    fields["type"] = method;
    fields["requestId"] = "r";
    fields["userId"] = user;
    EXPECT_TRUE(send(bj::serialize(fields)));
    return next();
  }

  web::TestClient client;
  std::string user = "u";
};

class FoundryDialectTest : public FoundryWorld {
 protected:
  void TearDown() override {
    server.reset();
    loop.poll();
    dialect.reset();
    loop.poll();
  }

  void start(Options options = {}, const std::string& prefix = "") {
    dialect = std::make_unique<FoundryDialect>(loop, *rooms, std::move(options));
    server = std::make_unique<web::Server>(loop);
    dialect->mount(server->router(), prefix);
    const auto bound = server->listen({"127.0.0.1", 0, std::nullopt});
    ASSERT_TRUE(bound) << bound.error().message;
    port = bound->port;
  }

  std::unique_ptr<Socket> connect(std::string_view target = "/") {
    auto socket = std::make_unique<Socket>(loop, port);
    EXPECT_EQ(socket->open(target), 101);
    return socket;
  }
  std::string produce_mic(Socket& socket) {
    const std::string transport(
        socket.ask("createWebRtcTransport", {{"producing", true}}).at("data").at("id").as_string());
    return std::string(socket
                           .ask("produce", {{"transportId", transport},
                                            {"kind", "audio"},
                                            {"rtpParameters", mic_parameters()}})
                           .at("data")
                           .at("id")
                           .as_string());
  }
  std::set<std::string> candidate_ips(Socket& socket) {
    std::set<std::string> ips;
    const bj::object answer = socket.ask("createWebRtcTransport");
    for (const bj::value& candidate : answer.at("data").at("iceCandidates").as_array()) {
      ips.emplace(candidate.at("address").as_string());
    }
    return ips;
  }

  std::unique_ptr<web::Server> server;
  std::unique_ptr<FoundryDialect> dialect;
  uint16_t port = 0;
};

// FOUNDRY-12
TEST_F(FoundryDialectTest, Foundry12ModuleOverASocket) {
  start();
  const auto socket = connect();
  socket->send(R"({"type":"getRouterRtpCapabilities","requestId":"x1","userId":"u"})");
  const bj::object answer = socket->next();
  EXPECT_EQ(answer.at("requestId").as_string(), "x1");
  EXPECT_FALSE(answer.contains("error"));
}

// FOUNDRY-13
TEST_F(FoundryDialectTest, Foundry13AnswersComeInTheOrderOfRequests) {
  start();
  const auto socket = connect();
  for (int i = 0; i < 5; ++i) {
    socket->send(R"({"id":")" + std::to_string(i) + R"(","method":")" +
                 (i % 2 == 0 ? "getRouterRtpCapabilities" : "foo") + R"("})");
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(socket->next().at("id").as_string(), std::to_string(i));
  }
}

// FOUNDRY-14
TEST_F(FoundryDialectTest, Foundry14RubbishLeavesTheSocketUsable) {
  start();
  const auto socket = connect();
  socket->send("{");
  socket->client.send_frame(web::opcode::kBinary, R"({"type":"foo","requestId":"x"})");
  socket->send("[]");
  EXPECT_EQ(socket->ask("getRouterRtpCapabilities").at("requestId").as_string(), "r");
}

// FOUNDRY-15
TEST_F(FoundryDialectTest, Foundry15SilentSocketHearsOfProducers) {
  start();
  const auto silent = connect();
  auto speaker = connect();
  const std::string mic = produce_mic(*speaker);
  const bj::object frame = silent->next();
  EXPECT_EQ(frame.at("method").as_string(), "newProducer");
  EXPECT_EQ(frame.at("data").at("id").as_string(), mic);
  EXPECT_EQ(frame.at("data").at("userId").as_string(), "u");
  speaker->client.close();
  const bj::object closed = silent->next();
  EXPECT_EQ(closed.at("method").as_string(), "producerClosed");
  EXPECT_EQ(closed.at("data").at("producerId").as_string(), mic);
}

// FOUNDRY-18
TEST_F(FoundryDialectTest, Foundry18QueryNamesTheRoomAndThePathDoesNot) {
  start();
  const auto a = connect("/?room=a");
  const auto b = connect("/some/path?room=b");
  const auto c = connect("/one");
  const auto d = connect("/two/three");
  EXPECT_EQ(rooms->room_count(), 3u);
  EXPECT_EQ(rooms->find("a")->peer_count(), 1u);
  EXPECT_EQ(rooms->find("b")->peer_count(), 1u);
  EXPECT_EQ(rooms->find("default")->peer_count(), 2u);
}

TEST_F(FoundryDialectTest, RoomNameThatIsTooLongIsRefused) {
  start();
  Socket socket(loop, port);
  EXPECT_EQ(socket.open("/?room=" + std::string(129, 'x')), 400);
  EXPECT_EQ(rooms->room_count(), 0u);
}

// FOUNDRY-19
TEST_F(FoundryDialectTest, Foundry19ThirtyTransportsStayInThePortRange) {
  start();
  std::vector<std::unique_ptr<Socket>> sockets;
  for (int i = 0; i < 15; ++i) {
    sockets.push_back(connect());
    for (int k = 0; k < 2; ++k) {
      const bj::object answer = sockets.back()->ask("createWebRtcTransport");
      ASSERT_TRUE(answer.contains("data"));
      for (const bj::value& candidate : answer.at("data").at("iceCandidates").as_array()) {
        EXPECT_EQ(candidate.at("address").as_string(), "127.0.0.1");
        EXPECT_GE(candidate.at("port").to_number<int>(), 42000);
        EXPECT_LE(candidate.at("port").to_number<int>(), 42999);
      }
    }
  }
}

// FOUNDRY-25
TEST_F(FoundryDialectTest, Foundry25TokenIsAskedForAtTheUpgrade) {
  start({.admission = {.token = "s", .origins = {}}});
  EXPECT_EQ(Socket(loop, port).open("/"), 401);
  EXPECT_EQ(Socket(loop, port).open("/?token=x"), 401);
  Socket socket(loop, port);
  EXPECT_EQ(socket.open("/?token=s"), 101);
  EXPECT_FALSE(socket.ask("getRouterRtpCapabilities").contains("error"));
}

TEST_F(FoundryDialectTest, OriginIsCheckedWhenOriginsAreSet) {
  start({.admission = {.token = {}, .origins = {"https://game.example"}}});
  EXPECT_EQ(Socket(loop, port).open("/", {{"Origin", "https://evil.example"}}), 403);
  EXPECT_EQ(Socket(loop, port).open("/", {{"Origin", "https://game.example"}}), 101);
}

TEST_F(FoundryDialectTest, PagesCanAskWhyTheyAreRefused) {
  start({.admission = {.token = "s", .origins = {"https://game.example"}}}, "/foundry");
  const auto reason = [this](std::string_view target, const std::string& origin) {
    web::TestClient client(loop, port);
    const auto answer = client.request("POST", target, {{"Origin", origin}});
    return answer ? std::string(bj::parse(answer->body).at("reason").as_string()) : "no answer";
  };
  EXPECT_THAT(reason("/foundry/admission?token=x", "https://game.example"), HasSubstr("token"));
  EXPECT_THAT(reason("/foundry/admission?token=s", "https://evil.example"), HasSubstr("origin"));
  EXPECT_EQ(reason("/foundry/admission?token=s", "https://game.example"), "");
}

TEST_F(FoundryDialectTest, OfferedSubprotocolIsNotSelected) {
  start();
  web::TestClient client(loop, port);
  const auto answer = client.upgrade("/", {{"Sec-WebSocket-Protocol", "chat"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 101);
  EXPECT_FALSE(answer->headers.has("Sec-WebSocket-Protocol"));
}

// FOUNDRY-23
TEST_F(FoundryDialectTest, Foundry23HealthCountsAndOtherPagesWantAnUpgrade) {
  start();
  const auto a = connect("/?room=a");
  const auto b = connect("/?room=b");
  const auto c = connect("/?room=b");
  web::TestClient http(loop, port);
  const auto health = http.request("GET", "/health");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->status, 200);
  EXPECT_EQ(bj::parse(health->body),
            bj::parse(R"({"status":"ok","rooms":2,"peers":3,"workers":2})"));
  const auto page = http.request("GET", "/");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 426);
  const auto other = http.request("GET", "/index.html");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->status, 426);
}

TEST_F(FoundryDialectTest, PrefixKeepsTheRestOfTheServerFree) {
  start({}, "/foundry");
  EXPECT_EQ(Socket(loop, port).open("/foundry"), 101);
  EXPECT_EQ(Socket(loop, port).open("/foundry/?room=a"), 101);
  EXPECT_EQ(Socket(loop, port).open("/"), 404);
  web::TestClient http(loop, port);
  EXPECT_EQ(http.request("GET", "/foundry/health")->status, 200);
  EXPECT_EQ(http.request("GET", "/health")->status, 404);
}

TEST_F(FoundryDialectTest, SocketThatClosesLeavesItsRoom) {
  start();
  auto a = connect();
  const auto b = connect();
  EXPECT_EQ(rooms->peer_count(), 2u);
  a->client.send_frame(web::opcode::kClose, "");
  EXPECT_EQ(a->client.frame()->opcode, web::opcode::kClose);
  a->client.close();
  EXPECT_TRUE(web::run_until(loop, [&] { return rooms->peer_count() == 1; }));
  EXPECT_EQ(dialect->connection_count(), 1u);
  b->client.close();
  EXPECT_TRUE(web::run_until(loop, [&] { return rooms->room_count() == 0; }));
}

TEST_F(FoundryDialectTest, NewSocketOfAUserHasTheOldOnePinged) {
  start();
  const auto older = connect();
  older->ask("getRouterRtpCapabilities");
  const auto newer = connect();
  newer->ask("getRouterRtpCapabilities");
  const auto frame = older->client.frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, web::opcode::kPing);
}

TEST_F(FoundryDialectTest, DrainingServerOpensNoRoom) {
  start();
  const auto inside = connect();
  rooms->drain([] {});
  EXPECT_EQ(Socket(loop, port).open("/?room=new"), 503);
  EXPECT_EQ(Socket(loop, port).open("/"), 101);
}

TEST_F(FoundryDialectTest, DialectMayGoBeforeItsSockets) {
  start();
  const auto a = connect();
  const auto b = connect();
  produce_mic(*a);
  server->stop_accepting();
  dialect.reset();
  EXPECT_EQ(rooms->room_count(), 0u);
  EXPECT_EQ(b->client.frame()->opcode, web::opcode::kClose);
}

// Candidates (3.4), on an engine that listens on all addresses.
class FoundryDialectCandidates : public FoundryDialectTest {
 protected:
  void SetUp() override {
    rooms.reset();
    media::EngineSettings settings;
    settings.loops = 1;
    settings.min_port = 43000;
    settings.max_port = 43999;
    auto made = media::Engine::create(
        settings, [this](std::move_only_function<void()> work) { loop.post(std::move(work)); });
    ASSERT_TRUE(made) << made.error().message;
    engine = std::move(*made);
    rooms = std::make_unique<rooms::RoomService>(*engine, router_codecs(), rooms::Limits{});
  }

  std::set<std::string> candidates_for(const char* host) {
    // The client of the tests has a Host of its own.
    web::TestClient client(loop, port);
    client.send(std::string("GET / HTTP/1.1\r\nHost: ") + host +
                "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    const auto answer = client.answer(true);
    EXPECT_TRUE(answer && answer->status == 101);
    client.send_frame(web::opcode::kText, R"({"type":"createWebRtcTransport","requestId":"r"})");
    const auto frame = client.frame();
    std::set<std::string> ips;
    if (frame) {
      const bj::value reply = bj::parse(frame->payload);
      for (const bj::value& candidate : reply.at("data").at("iceCandidates").as_array()) {
        ips.emplace(candidate.at("address").as_string());
      }
    }
    return ips;
  }
};

// FOUNDRY-19
TEST_F(FoundryDialectCandidates, Foundry19HostAddressThenLocalThenMachineAndNeverAny) {
  start({.machine_addresses = [] {
    return std::vector<IpAddress>{*IpAddress::parse("192.0.2.9"), *IpAddress::parse("0.0.0.0")};
  }});
  EXPECT_THAT(candidates_for("198.51.100.7:3000"),
              ElementsAre("127.0.0.1", "192.0.2.9", "198.51.100.7"));
  EXPECT_THAT(candidates_for("localhost:3000"), ElementsAre("127.0.0.1", "192.0.2.9"));
}

TEST_F(FoundryDialectCandidates, HostNameIsLookedUpBeforeTheSocketOpens) {
  start({.lookup = [](const std::string& name) {
    return name == "media.example" ? std::vector<IpAddress>{*IpAddress::parse("203.0.113.5")}
                                   : std::vector<IpAddress>{};
  }});
  EXPECT_THAT(candidates_for("Media.Example:3000"), ElementsAre("127.0.0.1", "203.0.113.5"));
  EXPECT_THAT(candidates_for("unknown.example"), ElementsAre("127.0.0.1"));
}

}  // namespace
}  // namespace sluice::foundry
