// The effective configuration, as typed values. The defaults stand here and nowhere else;
// setting.h says how each value is called, checked and documented.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice::app {

/// A text that is never shown.
struct Secret {
  std::string text;
};

/// A JSON text; what it must hold is checked with its setting.
struct JsonText {
  std::string text;
};

struct Configuration {
  struct Http {
    std::string host = "0.0.0.0";
    uint16_t port = 8080;
    std::string tls_certificate;
    std::string tls_key;
    bool tls_self_signed = false;
    std::vector<std::string> allowed_origins;
    bool trust_private_peers = true;
    std::chrono::seconds websocket_ping{20};
    std::chrono::seconds websocket_idle{60};
  };
  struct Auth {
    Secret token;
  };
  struct Ice {
    JsonText servers;
  };
  struct Media {
    unsigned workers = 0;
    std::vector<std::string> listen = {"0.0.0.0"};
    std::string announced_address;
    uint16_t min_port = 10000;
    uint16_t max_port = 10100;
    bool enable_tcp = true;
    std::string dtls_certificate;
    std::string dtls_key;
    bool pin_threads = false;
    unsigned transports_before_spread = 16;
    uint32_t packet_buffers = 65536;
  };
  struct Limits {
    size_t rooms = 10000;
    size_t peers_per_room = 1000;
    size_t transports_per_peer = 16;
    size_t producers_per_peer = 16;
    size_t consumers_per_peer = 512;
    size_t connections = 20000;
    size_t connections_per_address = 2000;
    double requests_per_second = 0;
    double request_burst = 0;
    size_t request_header_bytes = size_t{16} * 1024;
    size_t message_bytes = size_t{1024} * 1024;
    size_t unsent_bytes = size_t{8} * 1024 * 1024;
  };
  struct Log {
    std::string level = "info";
    std::string format = "text";
  };
  struct Shutdown {
    std::chrono::seconds drain{10};
  };

  Http http;
  Auth auth;
  Ice ice;
  Media media;
  Limits limits;
  Log log;
  Shutdown shutdown;
};

}  // namespace sluice::app
