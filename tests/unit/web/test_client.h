// A tiny client over non-blocking sockets, for tests that run server and client in one thread:
// while the client waits, the loop turns. Every wait is bounded by kPatience, which only a failing
// test uses up.
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/types.h"
#include "web/event_loop.h"
#include "web/headers.h"

namespace sluice::web {

inline constexpr Micros kPatience = 10s;

/// Turns the loop until `done` holds; whether it did.
bool run_until(EventLoop& loop, const std::function<bool()>& done, Micros patience = kPatience);

struct HttpAnswer {
  int status = 0;
  Headers headers;
  std::string body;
};

struct Frame {
  uint8_t opcode = 0;
  bool fin = false;
  std::string payload;

  /// Of a close frame; 1005 without one.
  [[nodiscard]] uint16_t close_code() const;
};

namespace opcode {
inline constexpr uint8_t kContinuation = 0;
inline constexpr uint8_t kText = 1;
inline constexpr uint8_t kBinary = 2;
inline constexpr uint8_t kClose = 8;
inline constexpr uint8_t kPing = 9;
inline constexpr uint8_t kPong = 10;
}  // namespace opcode

/// A masked client frame.
std::string make_frame(uint8_t code, std::string_view payload, bool fin = true);
/// The payload of a close frame.
std::string close_payload(uint16_t code, std::string_view reason = {});

class TestClient {
 public:
  /// Connects to 127.0.0.1; `source` is the address to come from (any of 127.0.0.0/8).
  TestClient(EventLoop& loop, uint16_t port, const char* source = "127.0.0.1");
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  /// Continues in TLS, accepting any certificate; whether the handshake succeeded. `max_version`
  /// e.g. TLS1_1_VERSION, 0 for the library's own.
  bool start_tls(int max_version = 0);
  /// Of the server's certificate.
  [[nodiscard]] std::string peer_fingerprint() const;

  /// Sends everything, turning the loop as needed; false when the connection broke.
  bool send(std::string_view bytes);
  /// Closes the sending half.
  void finish_sending();
  void close();

  /// The next answer; nothing when the connection ended first. `to_head`: no body follows.
  std::optional<HttpAnswer> answer(bool to_head = false);
  /// Sends a request with `Host` and reads its answer.
  std::optional<HttpAnswer> request(std::string_view method, std::string_view target,
                                    const Headers& headers = {}, std::string_view body = {});

  /// Asks for an upgrade; the answer may be a refusal.
  std::optional<HttpAnswer> upgrade(std::string_view target, const Headers& headers = {});
  /// The next frame, control frames included.
  std::optional<Frame> frame();
  bool send_frame(uint8_t code, std::string_view payload, bool fin = true) {
    return send(make_frame(code, payload, fin));
  }

  /// Waits until the server has closed; whether it did.
  bool wait_for_end(Micros patience = kPatience);
  /// Whether anything arrives within `time`; it stays readable.
  bool anything_within(Micros time);

 private:
  struct Tls;

  /// Reads what is there; false at the end of the connection.
  bool receive();
  bool receive_until(const std::function<bool()>& enough);

  EventLoop& loop_;
  int socket_;
  std::unique_ptr<Tls> tls_;
  std::string in_;
  bool ended_ = false;
};

}  // namespace sluice::web
