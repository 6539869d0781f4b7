#include "web/websocket.h"

#include "web/exchange_internal.h"
#include "web/websocket_connection_internal.h"

namespace sluice::web {

WebSocketSession::WebSocketSession(std::shared_ptr<WebSocketConnection> connection)
    : connection_(std::move(connection)) {}

WebSocketSession::~WebSocketSession() {
  release();
}

WebSocketSession& WebSocketSession::operator=(WebSocketSession&& other) noexcept {
  if (this != &other) {
    release();
    connection_ = std::move(other.connection_);
  }
  return *this;
}

void WebSocketSession::release() {
  if (const auto connection = std::move(connection_)) {
    connection->forget_owner();
  }
}

void WebSocketSession::on_message(MessageHandler handler) {
  if (connection_) {
    connection_->set_message_handler(std::move(handler));
  }
}

void WebSocketSession::on_close(CloseHandler handler) {
  if (connection_) {
    connection_->set_close_handler(std::move(handler));
  }
}

bool WebSocketSession::send_text(std::string text) {
  return connection_ && connection_->send(true, std::move(text));
}

bool WebSocketSession::send_binary(std::string bytes) {
  return connection_ && connection_->send(false, std::move(bytes));
}

void WebSocketSession::close(uint16_t code, std::string_view reason) {
  if (connection_) {
    connection_->close(code, reason);
  }
}

void WebSocketSession::ping() {
  if (connection_) {
    connection_->ping();
  }
}

void WebSocketSession::probe(Micros timeout) {
  if (connection_) {
    connection_->probe(timeout);
  }
}

size_t WebSocketSession::queued_bytes() const {
  return connection_ ? connection_->queued_bytes() : 0;
}

bool WebSocketSession::open() const {
  return connection_ && connection_->is_open();
}

Upgrade::Upgrade(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

Upgrade::~Upgrade() {
  release();
}

Upgrade& Upgrade::operator=(Upgrade&& other) noexcept {
  if (this != &other) {
    release();
    exchange_ = std::move(other.exchange_);
  }
  return *this;
}

void Upgrade::release() {
  if (const auto exchange = std::move(exchange_)) {
    exchange->put(Response::error(500, "the upgrade was not decided"));
  }
}

WebSocketSession Upgrade::accept(AcceptOptions options) {
  const auto exchange = std::move(exchange_);
  if (!exchange || exchange->decided() || !exchange->make_session) {
    return {};
  }
  auto connection = exchange->make_session(std::move(options));
  exchange->make_session = nullptr;
  exchange->accepted = connection;
  if (exchange->aborted) {
    connection->fail_before_open();
  } else if (exchange->wake) {
    exchange->wake();
  }
  return WebSocketSession(std::move(connection));
}

void Upgrade::refuse(Response response) {
  if (const auto exchange = std::move(exchange_)) {
    exchange->put(std::move(response));
  }
}

}  // namespace sluice::web
