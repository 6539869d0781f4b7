// The program itself, as users and supervisors meet it: output, routes, signals, exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "unit/app/child_process.h"

namespace sluice::app {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// The number that follows `before` in the output, once there.
uint16_t port_after(ChildProcess& child, std::string_view before) {
  const int port = std::atoi(child.rest_of_line(before).c_str());
  EXPECT_GT(port, 0) << child.output();
  return static_cast<uint16_t>(port);
}

class Program : public testing::Test {
 protected:
  /// On a free port of the loopback interface, with one media thread.
  ChildProcess::Start serve(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"serve",     "--host", "127.0.0.1",      "--port",   "0",
                                          "--workers", "1",      "--media-listen", "127.0.0.1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return {.arguments = arguments, .folder = folder_.path()};
  }

  ChildProcess::Start drop_in(std::map<std::string, std::string> environment) {
    return {.arguments = {},
            .environment = std::move(environment),
            .folder = folder_.path(),
            .name = "mediasoup-server"};
  }

  static uint16_t ready_port(ChildProcess& child) {
    return port_after(child, "Sluice is ready: http://localhost:");
  }

  static uint16_t drop_in_port(ChildProcess& child) {
    return port_after(child, "WebSocket server listening on 127.0.0.1:");
  }

  TemporaryFolder folder_;
};

TEST_F(Program, PrintsItsVersion) {
  ChildProcess child({.arguments = {"--version"}, .folder = folder_.path()});
  EXPECT_EQ(child.wait_for_exit(), 0);
  EXPECT_THAT(child.output(), ContainsRegex("^sluice [0-9]+\\.[0-9]+\\.[0-9]+\n$"));
}

TEST_F(Program, ConfigTellsValuesAndSources) {
  folder_.write("sluice.toml", "[media]\nworkers = 3\n");
  ChildProcess child({.arguments = {"config", "--port", "1"},
                      .environment = {{"SLUICE_LOG_LEVEL", "warn"}},
                      .folder = folder_.path()});
  EXPECT_EQ(child.wait_for_exit(), 0);
  EXPECT_THAT(child.output(), ContainsRegex("media\\.workers +3 +file sluice\\.toml:2\n"));
  EXPECT_THAT(child.output(), ContainsRegex("log\\.level +warn +environment SLUICE_LOG_LEVEL\n"));
  EXPECT_THAT(child.output(), ContainsRegex("http\\.port +1 +flag --port\n"));
}

TEST_F(Program, ConfigFileCanBeNamedByVariable) {
  folder_.write("other.toml", "[http]\nport = 99\n");
  ChildProcess child({.arguments = {"config", "--toml"},
                      .environment = {{"SLUICE_CONFIG", "other.toml"}},
                      .folder = folder_.path()});
  EXPECT_EQ(child.wait_for_exit(), 0);
  EXPECT_THAT(child.output(), HasSubstr("port = 99  # file other.toml:2\n"));
}

TEST_F(Program, AWrongConfigurationEndsTheStartWithTwo) {
  folder_.write("sluice.toml", "[http]\nport = \"abc\"\n");
  ChildProcess child(serve());
  EXPECT_EQ(child.wait_for_exit(), 2);
  EXPECT_EQ(child.output(),
            "sluice: sluice.toml:2: http.port = \"abc\": expected a whole number from 0 to "
            "65535\n");
}

TEST_F(Program, ServesTheClientTheDialectAndItsState) {
  ChildProcess child(serve());
  const uint16_t port = ready_port(child);
  EXPECT_THAT(http_get(port, "/healthz"), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("ok")));
  EXPECT_THAT(http_get(port, "/readyz"), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("ready")));
  EXPECT_THAT(http_get(port, "/"), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("<title>Sluice")));
  EXPECT_THAT(http_get(port, "/foundry/health"), HasSubstr("\"status\":\"ok\""));
  const std::string metrics = http_get(port, "/metrics");
  EXPECT_THAT(metrics, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  EXPECT_THAT(metrics, HasSubstr("\nsluice_rooms 0\n"));
  EXPECT_THAT(metrics, ContainsRegex("\nsluice_loop_port\\{loop=\"0\"\\} 10[01][0-9][0-9]\n"));
}

TEST_F(Program, TellsPlainRequestsThatTheDialectIsAWebSocket) {
  ChildProcess child(serve());
  const uint16_t port = ready_port(child);
  for (const char* target : {"/foundry", "/foundry/", "/foundry/index.html"}) {
    EXPECT_THAT(http_get(port, target),
                AllOf(StartsWith("HTTP/1.1 426 Upgrade Required\r\n"),
                      HasSubstr("Upgrade: websocket\r\n"), HasSubstr("Connection: upgrade\r\n"),
                      HasSubstr("Content-Type: text/plain"), HasSubstr("/foundry/health")))
        << target;
  }
  EXPECT_THAT(http_get(port, "/foundryx"), StartsWith("HTTP/1.1 404"));
}

TEST_F(Program, ARoomIsLoggedOnceWhenItComesAndOnceWhenItGoes) {
  for (const bool whole : {true, false}) {
    ChildProcess child(whole ? serve() : drop_in({{"MEDIASOUP_LISTEN_ADDR", "127.0.0.1:0"}}));
    const uint16_t port = whole ? ready_port(child) : drop_in_port(child);
    {
      Connection guest(port);
      EXPECT_THAT(open_websocket(guest, whole ? "/foundry?room=garden" : "/?room=garden"),
                  StartsWith("HTTP/1.1 101"));
      ASSERT_TRUE(child.wait_for("room created"));
    }
    ASSERT_TRUE(child.wait_for("room removed"));
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait_for_exit(), 0);
    for (const char* text : {"room created room=garden", "room removed room=garden"}) {
      const size_t first = child.output().find(text);
      EXPECT_NE(first, std::string::npos) << child.output();
      EXPECT_EQ(child.output().find(text, first + 1), std::string::npos) << child.output();
    }
  }
}

TEST_F(Program, CountsRoomsAndPeers) {
  ChildProcess child(serve());
  const uint16_t port = ready_port(child);
  Connection first(port);
  Connection second(port);
  EXPECT_THAT(open_websocket(first, "/foundry?room=a"), StartsWith("HTTP/1.1 101"));
  EXPECT_THAT(open_websocket(second, "/foundry?room=a"), StartsWith("HTTP/1.1 101"));
  const std::string metrics = http_get(port, "/metrics");
  EXPECT_THAT(metrics, HasSubstr("\nsluice_rooms 1\n"));
  EXPECT_THAT(metrics, HasSubstr("\nsluice_peers 2\n"));
  EXPECT_THAT(metrics, HasSubstr("\nsluice_peers_joined_total 2\n"));
  EXPECT_THAT(metrics, HasSubstr("\nsluice_websockets 2\n"));
}

TEST_F(Program, TokensAreAskedFor) {
  ChildProcess child(serve({"--auth-token", "s3cret"}));
  const uint16_t port = ready_port(child);
  Connection without(port);
  Connection with(port);
  EXPECT_THAT(open_websocket(without, "/foundry"), StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(open_websocket(with, "/foundry?token=s3cret"), StartsWith("HTTP/1.1 101"));
  EXPECT_THAT(child.output(), Not(HasSubstr("s3cret")));
}

TEST_F(Program, SigtermWithoutRoomsEndsWithZero) {
  for (const int signal : {SIGTERM, SIGINT}) {
    ChildProcess child(serve());
    ready_port(child);
    child.signal(signal);
    EXPECT_EQ(child.wait_for_exit(), 0);
    EXPECT_THAT(child.output(), HasSubstr("stopped"));
  }
}

TEST_F(Program, DrainsUntilTheLastRoomIsEmpty) {
  ChildProcess child(serve({"--drain-seconds", "3600"}));
  const uint16_t port = ready_port(child);
  {
    Connection guest(port);
    EXPECT_THAT(open_websocket(guest, "/foundry?room=a"), StartsWith("HTTP/1.1 101"));
    child.signal(SIGTERM);
    ASSERT_TRUE(child.wait_for("shutting down rooms=1 peers=1"));
    EXPECT_THAT(http_get(port, "/readyz"), StartsWith("HTTP/1.1 503"));
    EXPECT_THAT(http_get(port, "/healthz"), StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(http_get(port, "/metrics"), HasSubstr("\nsluice_draining 1\n"));
    Connection late(port);
    EXPECT_THAT(open_websocket(late, "/foundry?room=b"), StartsWith("HTTP/1.1 503"));
  }
  EXPECT_EQ(child.wait_for_exit(), 0);
}

TEST_F(Program, AtTheEndOfTheDrainTimeWebSocketsAreTold) {
  ChildProcess child(serve({"--drain-seconds", "0"}));
  const uint16_t port = ready_port(child);
  Connection guest(port);
  const std::string header = open_websocket(guest, "/foundry?room=a");
  EXPECT_THAT(header, StartsWith("HTTP/1.1 101"));
  child.signal(SIGTERM);
  // A close frame with 1001.
  const std::string frame = "\x03\xe9";
  EXPECT_THAT(guest.read_until(frame), HasSubstr(frame));
  // The masked close frame of the client: the handshake is complete.
  guest.send(std::string_view("\x88\x82\0\0\0\0\x03\xe9", 8));
  EXPECT_EQ(child.wait_for_exit(), 0);
}

TEST_F(Program, ASecondSignalEndsAtOnce) {
  ChildProcess child(serve({"--drain-seconds", "3600"}));
  const uint16_t port = ready_port(child);
  Connection guest(port);
  EXPECT_THAT(open_websocket(guest, "/foundry?room=a"), StartsWith("HTTP/1.1 101"));
  child.signal(SIGTERM);
  ASSERT_TRUE(child.wait_for("shutting down"));
  child.signal(SIGTERM);
  EXPECT_EQ(child.wait_for_exit(), 128 + SIGTERM);
}

TEST_F(Program, SighupReadsTheLogLevelsAgain) {
  folder_.write("sluice.toml", "[log]\nlevel = \"info\"\n");
  ChildProcess child(serve());
  ready_port(child);
  folder_.write("sluice.toml", "[log]\nlevel = \"loud\"\n");
  child.signal(SIGHUP);
  ASSERT_TRUE(child.wait_for("SIGHUP: the configuration stays as it is: sluice.toml:2"));
  folder_.write("sluice.toml", "[log]\nlevel = \"info,app=warn\"\n");
  child.signal(SIGHUP);
  // The module's own messages are silent from now on.
  child.signal(SIGTERM);
  EXPECT_EQ(child.wait_for_exit(), 0);
  EXPECT_THAT(child.output(), Not(HasSubstr("stopped")));
}

TEST_F(Program, APortInUseIsExplained) {
  ChildProcess first(serve());
  const std::string port = std::to_string(ready_port(first));
  ChildProcess second(serve({"--port", port}));
  EXPECT_EQ(second.wait_for_exit(), 1);
  EXPECT_THAT(second.output(),
              HasSubstr("sluice: cannot listen on 127.0.0.1:" + port +
                        ": Address already in use (another program has the port; choose another "
                        "with --port or SLUICE_HTTP_PORT)\n"));
}

TEST_F(Program, MediaPortsThatAreMissingAreExplained) {
  ChildProcess first(serve());
  const uint16_t http_port = ready_port(first);
  const std::string metrics = http_get(http_port, "/metrics");
  const std::string label = "sluice_loop_port{loop=\"0\"} ";
  ASSERT_THAT(metrics, HasSubstr(label));
  const std::string media_port =
      std::to_string(std::atoi(metrics.c_str() + metrics.find(label) + label.size()));
  ChildProcess second(serve({"--media-min-port", media_port, "--media-max-port", media_port}));
  EXPECT_EQ(second.wait_for_exit(), 1);
  EXPECT_THAT(second.output(), HasSubstr("sluice: cannot start the media workers: "));
  EXPECT_THAT(second.output(), HasSubstr("media.min_port"));
}

TEST_F(Program, TlsFilesThatAreMissingAreNamed) {
  ChildProcess child(serve({"--tls-certificate", "c.pem", "--tls-key", "k.pem"}));
  EXPECT_EQ(child.wait_for_exit(), 1);
  EXPECT_THAT(child.output(), HasSubstr("c.pem"));
}

TEST_F(Program, LogsCanBeJson) {
  ChildProcess child(serve({"--log-format", "json"}));
  ASSERT_TRUE(child.wait_for("Sluice is ready"));
  EXPECT_THAT(child.output(), StartsWith("{\"time\":\""));
}

// FOUNDRY-20
TEST_F(Program, Foundry20StartsOnPort3000WithTheThreeLines) {
  // Port 3000 itself may be taken where the tests run: `config` tells the default.
  ChildProcess config({.arguments = {"config", "foundry"}, .folder = folder_.path()});
  EXPECT_EQ(config.wait_for_exit(), 0);
  EXPECT_THAT(config.output(), ContainsRegex("http\\.host +0\\.0\\.0\\.0 +default\n"));
  EXPECT_THAT(config.output(), ContainsRegex("http\\.port +3000 +default\n"));

  ChildProcess child(drop_in({{"MEDIASOUP_LISTEN_ADDR", "127.0.0.1:0"}}));
  drop_in_port(child);
  const std::string time = "[0-9-]{10}T[0-9:]{8}\\.[0-9]{3}Z INFO mediasoup_server: ";
  EXPECT_THAT(child.output(),
              ContainsRegex("^" + time + "Starting MediaSoup server for FoundryVTT\n" + time +
                            "Created MediaSoup worker 0 with ID worker_[0-9]+\n" + time +
                            "WebSocket server listening on 127\\.0\\.0\\.1:[0-9]+\n"));
}

// FOUNDRY-20
TEST_F(Program, Foundry20EnvFileIsHonouredAndOverridden) {
  folder_.write(".env", "MEDIASOUP_LISTEN_ADDR=127.0.0.1:0\nMEDIASOUP_NUM_WORKERS=2\n");
  ChildProcess child(drop_in({{"MEDIASOUP_NUM_WORKERS", "3"}}));
  EXPECT_THAT(http_get(drop_in_port(child), "/health"), HasSubstr("\"workers\":3"));
}

// FOUNDRY-20
TEST_F(Program, Foundry20SecondInstanceOnThePortFails) {
  ChildProcess first(drop_in({{"MEDIASOUP_LISTEN_ADDR", "127.0.0.1:0"}}));
  const std::string port = std::to_string(drop_in_port(first));
  ChildProcess second(drop_in({{"MEDIASOUP_LISTEN_ADDR", "127.0.0.1:" + port}}));
  EXPECT_EQ(second.wait_for_exit(), 1);
  EXPECT_THAT(second.output(),
              AllOf(HasSubstr("Address already in use"), HasSubstr("MEDIASOUP_LISTEN_ADDR")));
}

TEST_F(Program, FoundryListenAddressThatIsNoneEndsTheStart) {
  ChildProcess child(drop_in({{"MEDIASOUP_LISTEN_ADDR", "everywhere"}}));
  EXPECT_EQ(child.wait_for_exit(), 2);
  EXPECT_THAT(child.output(), HasSubstr("MEDIASOUP_LISTEN_ADDR"));
}

// FOUNDRY-21
TEST_F(Program, Foundry21FourWorkersAreFourLines) {
  ChildProcess child(
      drop_in({{"MEDIASOUP_LISTEN_ADDR", "127.0.0.1:0"}, {"MEDIASOUP_NUM_WORKERS", "4"}}));
  const uint16_t port = drop_in_port(child);
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(child.output(),
                HasSubstr("Created MediaSoup worker " + std::to_string(i) + " with ID worker_"));
  }
  EXPECT_THAT(child.output(), Not(HasSubstr("worker 4 ")));
  EXPECT_THAT(http_get(port, "/health"), HasSubstr("\"workers\":4"));
}

// FOUNDRY-21
TEST_F(Program, Foundry21UnusableWorkerCountsStartOne) {
  for (const char* text : {"0", "abc"}) {
    ChildProcess child(
        drop_in({{"MEDIASOUP_LISTEN_ADDR", "127.0.0.1:0"}, {"MEDIASOUP_NUM_WORKERS", text}}));
    EXPECT_THAT(http_get(drop_in_port(child), "/health"), HasSubstr("\"workers\":1}"));
    EXPECT_THAT(child.output(), ContainsRegex("WARN mediasoup_server: .*MEDIASOUP_NUM_WORKERS"));
  }
}

// FOUNDRY-23
TEST_F(Program, Foundry23HealthAndCleanEnd) {
  ChildProcess child(drop_in({{"MEDIASOUP_LISTEN_ADDR", "127.0.0.1:0"}}));
  const uint16_t port = drop_in_port(child);
  EXPECT_THAT(http_get(port, "/health"),
              AllOf(StartsWith("HTTP/1.1 200"),
                    HasSubstr(R"({"status":"ok","rooms":0,"peers":0,"workers":1})")));
  EXPECT_THAT(http_get(port, "/healthz"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(http_get(port, "/anything"), StartsWith("HTTP/1.1 426"));
  Connection player(port);
  EXPECT_THAT(open_websocket(player, "/"), StartsWith("HTTP/1.1 101"));
  child.signal(SIGTERM);
  const std::string frame = "\x03\xe9";
  EXPECT_THAT(player.read_until(frame), HasSubstr(frame));
  player.send(std::string_view("\x88\x82\0\0\0\0\x03\xe9", 8));
  EXPECT_EQ(child.wait_for_exit(), 0);
}

TEST_F(Program, FoundryHttpAddressServesHealthAndFiles) {
  folder_.write("public/hello.txt", "hello there");
  ChildProcess child(
      drop_in({{"MEDIASOUP_LISTEN_ADDR", "127.0.0.1:0"}, {"MEDIASOUP_HTTP_ADDR", "127.0.0.1:0"}}));
  const uint16_t port = port_after(child, "HTTP server listening on 127.0.0.1:");
  EXPECT_THAT(http_get(port, "/health"), HasSubstr("\"status\":\"ok\""));
  EXPECT_THAT(http_get(port, "/hello.txt"), HasSubstr("hello there"));
  child.signal(SIGTERM);
  EXPECT_EQ(child.wait_for_exit(), 0);
}

}  // namespace
}  // namespace sluice::app
