#include "unit/web/test_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "base/bytes.h"

namespace sluice::web {

bool run_until(EventLoop& loop, const std::function<bool()>& done, Micros patience) {
  const Micros end = EventLoop::now() + patience;
  while (!done()) {
    if (EventLoop::now() >= end) {
      return false;
    }
    if (loop.poll() == 0) {
      loop.run_for(1ms);
    }
  }
  return true;
}

uint16_t Frame::close_code() const {
  return payload.size() < 2 ? uint16_t{1005} : load_be16(as_bytes(payload).data());
}

std::string make_frame(uint8_t code, std::string_view payload, bool fin) {
  static constexpr std::array<uint8_t, 4> kMask = {0x11, 0x52, 0xa3, 0xf4};
  std::string out;
  out.push_back(static_cast<char>((fin ? 0x80 : 0) | code));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(0x80 | payload.size()));
  } else if (payload.size() < 65536) {
    out.push_back(static_cast<char>(0xfe));
    out.push_back(static_cast<char>(payload.size() >> 8));
    out.push_back(static_cast<char>(payload.size()));
  } else {
    out.push_back(static_cast<char>(0xff));
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.push_back(static_cast<char>(uint64_t{payload.size()} >> shift));
    }
  }
  out.append(reinterpret_cast<const char*>(kMask.data()), kMask.size());
  for (size_t i = 0; i < payload.size(); ++i) {
    out.push_back(static_cast<char>(static_cast<uint8_t>(payload[i]) ^ kMask[i % 4]));
  }
  return out;
}

std::string close_payload(uint16_t code, std::string_view reason) {
  std::string out = {static_cast<char>(code >> 8), static_cast<char>(code)};
  return out.append(reason);
}

struct TestClient::Tls {
  ~Tls() {
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* ssl = nullptr;
};

TestClient::TestClient(EventLoop& loop, uint16_t port, const char* source)
    : loop_(loop), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, source, &address.sin_addr);
  ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  address.sin_port = htons(port);
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

TestClient::~TestClient() {
  close();
}

void TestClient::close() {
  if (socket_ >= 0) {
    ::close(socket_);
    socket_ = -1;
  }
}

bool TestClient::start_tls(int max_version) {
  tls_ = std::make_unique<Tls>();
  if (max_version != 0) {
    SSL_CTX_set_security_level(tls_->context, 0);
    SSL_CTX_set_min_proto_version(tls_->context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(tls_->context, max_version);
  }
  tls_->ssl = SSL_new(tls_->context);
  SSL_set_fd(tls_->ssl, socket_);
  bool failed = false;
  const bool done = run_until(loop_, [&] {
    const int result = SSL_connect(tls_->ssl);
    const int reason = SSL_get_error(tls_->ssl, result);
    failed = result != 1 && reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE;
    return result == 1 || failed;
  });
  return done && !failed;
}

std::string TestClient::peer_fingerprint() const {
  static constexpr char kHex[] = "0123456789ABCDEF";
  X509* const certificate = SSL_get1_peer_certificate(tls_->ssl);
  std::array<uint8_t, 32> digest{};
  unsigned length = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &length);
  X509_free(certificate);
  std::string text;
  for (const uint8_t byte : digest) {
    text += text.empty() ? "" : ":";
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

bool TestClient::send(std::string_view bytes) {
  bool broken = false;
  run_until(loop_, [&] {
    while (!bytes.empty() && !broken) {
      ssize_t sent = 0;
      if (tls_) {
        sent = SSL_write(tls_->ssl, bytes.data(), static_cast<int>(bytes.size()));
        const int reason = SSL_get_error(tls_->ssl, static_cast<int>(sent));
        broken = sent <= 0 && reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE;
      } else {
        sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        broken = sent < 0 && errno != EAGAIN && errno != EINPROGRESS && errno != ENOTCONN;
      }
      if (sent <= 0) {
        break;
      }
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return bytes.empty() || broken;
  });
  return bytes.empty();
}

void TestClient::finish_sending() {
  ::shutdown(socket_, SHUT_WR);
}

bool TestClient::receive() {
  std::array<char, 65536> chunk;
  while (!ended_) {
    ssize_t count = 0;
    if (tls_) {
      count = SSL_read(tls_->ssl, chunk.data(), chunk.size());
      const int reason = SSL_get_error(tls_->ssl, static_cast<int>(count));
      ended_ = count <= 0 && reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE;
    } else {
      count = ::recv(socket_, chunk.data(), chunk.size(), 0);
      ended_ = count == 0 || (count < 0 && errno != EAGAIN && errno != ENOTCONN);
    }
    if (count <= 0) {
      break;
    }
    in_.append(chunk.data(), static_cast<size_t>(count));
  }
  return !ended_;
}

bool TestClient::receive_until(const std::function<bool()>& enough) {
  return run_until(loop_, [&] { return enough() || !receive() || enough(); }) && enough();
}

std::optional<HttpAnswer> TestClient::answer(bool to_head) {
  size_t head_end = 0;
  if (!receive_until([&] { return (head_end = in_.find("\r\n\r\n")) != std::string::npos; })) {
    return std::nullopt;
  }
  HttpAnswer answer;
  std::string head = in_.substr(0, head_end + 2);
  in_.erase(0, head_end + 4);
  answer.status = std::stoi(head.substr(9, 3));
  for (size_t line = head.find("\r\n") + 2; line < head.size();) {
    const size_t end = head.find("\r\n", line);
    const std::string field = head.substr(line, end - line);
    const size_t colon = field.find(':');
    answer.headers.add(field.substr(0, colon), trim(std::string_view(field).substr(colon + 1)));
    line = end + 2;
  }
  if (!to_head && answer.headers.has("Content-Length")) {
    const size_t length = std::stoul(std::string(answer.headers.get("Content-Length")));
    if (!receive_until([&] { return in_.size() >= length; })) {
      return std::nullopt;
    }
    answer.body = in_.substr(0, length);
    in_.erase(0, length);
  }
  return answer;
}

std::optional<HttpAnswer> TestClient::request(std::string_view method, std::string_view target,
                                              const Headers& headers, std::string_view body) {
  std::string text =
      std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n";
  for (const auto& [name, value] : headers) {
    text += name + ": " + value + "\r\n";
  }
  if (!body.empty()) {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  send(text + "\r\n" + std::string(body));
  return answer(method == "HEAD");
}

std::optional<HttpAnswer> TestClient::upgrade(std::string_view target, const Headers& headers) {
  Headers all = headers;
  all.add("Connection", "Upgrade");
  all.add("Upgrade", "websocket");
  all.add("Sec-WebSocket-Version", "13");
  all.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  return request("GET", target, all);
}

std::optional<Frame> TestClient::frame() {
  Frame frame;
  size_t head = 0;
  size_t length = 0;
  const auto complete = [&] {
    const Bytes raw = as_bytes(in_);
    if (raw.size() < 2) {
      return false;
    }
    length = raw[1] & 0x7f;
    head = length == 126 ? 4 : length == 127 ? 10 : 2;
    if (raw.size() < head) {
      return false;
    }
    length = head == 4 ? load_be16(&raw[2]) : head == 10 ? load_be64(&raw[2]) : length;
    return raw.size() >= head + length;
  };
  if (!receive_until(complete)) {
    return std::nullopt;
  }
  frame.opcode = static_cast<uint8_t>(in_[0] & 0x0f);
  frame.fin = (in_[0] & 0x80) != 0;
  frame.payload = in_.substr(head, length);
  in_.erase(0, head + length);
  return frame;
}

bool TestClient::wait_for_end(Micros patience) {
  return run_until(loop_, [&] { return !receive(); }, patience);
}

bool TestClient::anything_within(Micros time) {
  run_until(loop_, [&] { return !receive() || !in_.empty(); }, time);
  return !in_.empty();
}

}  // namespace sluice::web
