// From the configuration to the options of each part.
#include "app/wiring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/socket_address.h"

namespace sluice::app {
namespace {

using testing::HasSubstr;

/// Open files that the system allows: more than any default asks for.
constexpr uint64_t kPlenty = 1'000'000;

TEST(Wiring, AnnouncedAddressIsForListenAddressesWithoutTheirOwn) {
  Configuration configuration;
  configuration.media.listen = {"10.0.0.1", "10.0.0.2=b.example"};
  configuration.media.announced_address = "203.0.113.9";
  const auto settings = engine_settings(configuration);
  ASSERT_TRUE(settings);
  ASSERT_EQ(settings->listen.size(), 2U);
  EXPECT_EQ(settings->listen[0].ip, "10.0.0.1");
  EXPECT_EQ(settings->listen[0].announced_address, "203.0.113.9");
  EXPECT_EQ(settings->listen[1].ip, "10.0.0.2");
  EXPECT_EQ(settings->listen[1].announced_address, "b.example");
}

TEST(Wiring, EngineGetsItsSettings) {
  Configuration configuration;
  configuration.media.workers = 3;
  configuration.media.min_port = 5000;
  configuration.media.max_port = 5010;
  configuration.media.enable_tcp = false;
  configuration.media.pin_threads = true;
  configuration.media.transports_before_spread = 7;
  configuration.media.packet_buffers = 2048;
  const auto settings = engine_settings(configuration);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->loops, 3U);
  EXPECT_EQ(settings->min_port, 5000);
  EXPECT_EQ(settings->max_port, 5010);
  EXPECT_FALSE(settings->enable_tcp);
  EXPECT_TRUE(settings->pin_threads);
  EXPECT_EQ(settings->transports_before_spread, 7U);
  EXPECT_EQ(settings->packets_per_loop, 2048U);
}

TEST(Wiring, AMissingCertificateFileIsNamed) {
  Configuration configuration;
  configuration.media.dtls_certificate = "/nowhere/c.pem";
  configuration.media.dtls_key = "/nowhere/k.pem";
  const auto settings = engine_settings(configuration);
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().message,
            "media.dtls_certificate: cannot read /nowhere/c.pem: No such file or directory");
}

TEST(Wiring, LimitsReachTheRoomsAndTheWebServer) {
  Configuration configuration;
  configuration.limits.rooms = 1;
  configuration.limits.peers_per_room = 2;
  configuration.limits.transports_per_peer = 3;
  configuration.limits.producers_per_peer = 4;
  configuration.limits.consumers_per_peer = 5;
  configuration.limits.connections = 6;
  configuration.limits.connections_per_address = 7;
  configuration.limits.requests_per_second = 8;
  configuration.limits.request_burst = 9;
  configuration.limits.request_header_bytes = 2000;
  configuration.limits.message_bytes = 3000;
  configuration.limits.unsent_bytes = 400000;
  const rooms::Limits rooms = room_limits(configuration);
  EXPECT_EQ(rooms.rooms, 1U);
  EXPECT_EQ(rooms.peers_per_room, 2U);
  EXPECT_EQ(rooms.transports_per_peer, 3U);
  EXPECT_EQ(rooms.producers_per_peer, 4U);
  EXPECT_EQ(rooms.consumers_per_peer, 5U);
  const web::ServerOptions web = server_options(configuration, kPlenty);
  EXPECT_EQ(web.admission.max_connections, 6U);
  EXPECT_EQ(web.admission.max_per_address, 7U);
  EXPECT_EQ(web.admission.requests_per_second, 8);
  EXPECT_EQ(web.admission.burst, 9);
  EXPECT_EQ(web.http.max_header, 2000U);
  EXPECT_EQ(web.websocket.max_message, 3000U);
  EXPECT_EQ(web.websocket.max_queued, 400000U);
}

TEST(Wiring, ConnectionsAreHeldToWhatTheSystemAllows) {
  Configuration configuration;
  configuration.limits.connections = 20000;
  EXPECT_EQ(server_options(configuration, 1024).admission.max_connections, 896U);
  EXPECT_EQ(server_options(configuration, 65536).admission.max_connections, 20000U);
}

TEST(Wiring, DefaultLimitsAreThoseOfTheParts) {
  const rooms::Limits rooms = room_limits({});
  const rooms::Limits own;
  EXPECT_EQ(rooms.rooms, own.rooms);
  EXPECT_EQ(rooms.peers_per_room, own.peers_per_room);
  EXPECT_EQ(rooms.transports_per_peer, own.transports_per_peer);
  EXPECT_EQ(rooms.producers_per_peer, own.producers_per_peer);
  EXPECT_EQ(rooms.consumers_per_peer, own.consumers_per_peer);
  const web::ServerOptions web = server_options({}, kPlenty);
  const web::ServerOptions standard;
  EXPECT_EQ(web.admission.max_connections, standard.admission.max_connections);
  EXPECT_EQ(web.admission.max_per_address, standard.admission.max_per_address);
  EXPECT_EQ(web.http.max_header, standard.http.max_header);
  EXPECT_EQ(web.websocket.max_message, standard.websocket.max_message);
  EXPECT_EQ(web.websocket.max_queued, standard.websocket.max_queued);
  EXPECT_EQ(web.websocket.ping_interval, standard.websocket.ping_interval);
  EXPECT_EQ(web.websocket.idle_timeout, standard.websocket.idle_timeout);
}

TEST(Wiring, HostNamesAreResolved) {
  EXPECT_EQ(resolve_host("::1"), "::1");
  const auto localhost = resolve_host("localhost");
  ASSERT_TRUE(localhost) << localhost.error().message;
  EXPECT_TRUE(IpAddress::parse(*localhost)->is_loopback());
  const auto unknown = resolve_host("no-such-host.invalid");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("cannot listen on no-such-host.invalid: "));
}

TEST(Wiring, SelfSignedListenerHasACertificateOfItsOwn) {
  Configuration configuration;
  configuration.http.tls_self_signed = true;
  const auto listener = main_listener(configuration);
  ASSERT_TRUE(listener) << listener.error().message;
  ASSERT_TRUE(listener->tls);
  EXPECT_THAT(listener->tls->certificate, HasSubstr("BEGIN CERTIFICATE"));
}

TEST(Wiring, WithoutCertificateThereIsNoTls) {
  const auto listener = main_listener({});
  ASSERT_TRUE(listener);
  EXPECT_FALSE(listener->tls);
  EXPECT_EQ(listener->port, 8080);
}

}  // namespace
}  // namespace sluice::app
