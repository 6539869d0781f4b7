#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <exception>

#include "base/log.h"
#include "web/event_loop_internal.h"
#include "web/transport_internal.h"
#include "web/websocket_connection_internal.h"

namespace sluice::web {

namespace beast = boost::beast;
namespace ws = boost::beast::websocket;

namespace {

// RFC 6455 section 5.5: a control frame holds 125 bytes, two of which are the code.
constexpr size_t kMaxReason = 123;
// After a large message its buffer is given back down to this.
constexpr size_t kKeptBuffer = 16 * 1024;

/// At most `kMaxReason` bytes, cut between characters, because the peer checks UTF-8.
std::string_view cut_reason(std::string_view reason) {
  if (reason.size() <= kMaxReason) {
    return reason;
  }
  size_t end = kMaxReason;
  while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80) {
    --end;
  }
  return reason.substr(0, end);
}

beast::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

/// The code that Beast sent when it failed the connection, 0 when it was not the peer's fault.
uint16_t code_of(const boost::system::error_code& failure) {
  if (failure == ws::error::message_too_big) {
    return close_code::kTooBig;
  }
  if (failure == ws::error::bad_frame_payload) {
    return close_code::kBadPayload;
  }
  return failure == ws::condition::protocol_violation ? close_code::kProtocolError : uint16_t{0};
}

}  // namespace

struct WebSocketConnection::Stream {
  explicit Stream(Transport transport) : socket(std::move(transport)) {}

  ws::stream<Transport, false> socket;
  beast::flat_buffer buffer;
};

WebSocketConnection::WebSocketConnection(std::shared_ptr<ServerCore> core, AcceptOptions options)
    : core_(std::move(core)), options_(std::move(options)) {}

WebSocketConnection::~WebSocketConnection() {
  if (tracked_) {
    core_->untrack(*this);
    --core_->stats.websockets;
  }
}

void WebSocketConnection::set_message_handler(WebSocketSession::MessageHandler handler) {
  on_message_ = std::move(handler);
}

void WebSocketConnection::set_close_handler(WebSocketSession::CloseHandler handler) {
  on_close_ = std::move(handler);
}

void WebSocketConnection::forget_owner() {
  owned_ = false;
  on_message_ = nullptr;
  on_close_ = nullptr;
  close(close_code::kNormal, {});
}

void WebSocketConnection::attach(Transport transport, const Request& request, std::string early,
                                 Tickets tickets) {
  tickets_ = std::move(tickets);
  core_->track(*this);
  tracked_ = true;
  ++core_->stats.websockets;
  deadline_ = EventLoop::now() + core_->options.http.header_timeout;
  transport.unread(std::move(early));
  stream_ = std::make_unique<Stream>(std::move(transport));
  auto& socket = stream_->socket;
  // Our own clock serves all sessions; Beast's would be a timer each.
  socket.set_option(
      ws::stream_base::timeout{ws::stream_base::none(), ws::stream_base::none(), false});
  socket.set_option(ws::stream_base::decorator([this](ws::response_type& response) {
    response.set(beast::http::field::server, "Sluice");
    if (!options_.subprotocol.empty()) {
      response.set(beast::http::field::sec_websocket_protocol, view(options_.subprotocol));
    }
    for (const auto& [name, value] : options_.headers) {
      response.insert(view(name), view(value));
    }
  }));
  socket.auto_fragment(false);  // one message, one frame: no copy into a write buffer
  socket.read_message_max(options_.max_message.value_or(core_->options.websocket.max_message));
  socket.control_callback([this](ws::frame_type kind, beast::string_view) {
    on_control(kind == ws::frame_type::close);
  });
  beast::http::request<beast::http::empty_body> handshake;
  handshake.method(beast::http::verb::get);
  handshake.target(view(request.target));
  for (const auto& [name, value] : request.headers) {
    handshake.insert(view(name), view(value));
  }
  socket.async_accept(handshake,
                      [self = shared_from_this()](const boost::system::error_code& failure) {
                        self->on_handshake(static_cast<bool>(failure));
                      });
}

void WebSocketConnection::fail_before_open() {
  core_->loop.post([self = shared_from_this()] { self->end(); });
}

void WebSocketConnection::on_handshake(bool failed) {
  if (failed || cut_) {
    cut();
    return;
  }
  const WebSocketOptions& options = core_->options.websocket;
  deadline_.reset();
  keep_alive_.emplace(options.ping_interval, options.idle_timeout, EventLoop::now());
  if (close_wanted_) {
    state_ = State::kClosing;
    deadline_ = EventLoop::now() + options.close_timeout;
  } else {
    state_ = State::kOpen;
  }
  start_reading();
  pump();
}

void WebSocketConnection::start_reading() {
  stream_->socket.async_read(
      stream_->buffer,
      [self = shared_from_this()](const boost::system::error_code& failure, size_t) {
        if (failure) {
          self->failure_code_ = code_of(failure);
          if (self->drop_reason_.empty() && failure != ws::error::closed) {
            self->drop_reason_ = failure.message();
          }
          self->end();
          return;
        }
        self->keep_alive_->on_heard(EventLoop::now());
        self->deliver();
        auto& buffer = self->stream_->buffer;
        buffer.clear();
        if (buffer.capacity() > kKeptBuffer) {
          buffer.shrink_to_fit();
        }
        if (self->state_ != State::kEnded) {
          self->start_reading();
        }
      });
}

void WebSocketConnection::deliver() {
  const bool is_text = stream_->socket.got_text();
  if (state_ != State::kOpen || !on_message_ || (!is_text && !options_.deliver_binary)) {
    return;
  }
  const auto data = stream_->buffer.cdata();
  // The handler may destroy the session, and with it the stored handler.
  auto handler = std::exchange(on_message_, nullptr);
  try {
    handler(is_text, {static_cast<const char*>(data.data()), data.size()});
  } catch (const std::exception& e) {
    logger("web")->error("WebSocket message handler failed: {}", e.what());
    close(close_code::kInternal, "internal error");
  }
  if (owned_ && !on_message_) {
    on_message_ = std::move(handler);
  }
}

void WebSocketConnection::on_control(bool is_close) {
  const Micros now = EventLoop::now();
  keep_alive_->on_heard(now);
  if (is_close) {
    close_answered_ = true;
    state_ = std::max(state_, State::kClosing);
    deadline_ = now + core_->options.websocket.close_timeout;
  }
}

bool WebSocketConnection::send(bool is_text, std::string payload) {
  if (!is_open() || close_wanted_) {
    return false;
  }
  if (queued_bytes_ + payload.size() > core_->options.websocket.max_queued) {
    ++core_->stats.dropped_backlog;
    drop("the client does not read: " + std::to_string(queued_bytes_) + " bytes are unsent");
    return false;
  }
  queued_bytes_ += payload.size();
  queue_.push_back({is_text, std::move(payload)});
  pump();
  return true;
}

void WebSocketConnection::pump() {
  if (state_ == State::kConnecting || state_ == State::kEnded || cut_ || writing_) {
    return;
  }
  if (queue_.empty()) {
    if (close_wanted_ && !close_started_) {
      start_close();
    }
    return;
  }
  writing_ = true;
  stream_->socket.text(queue_.front().is_text);
  stream_->socket.async_write(
      boost::asio::buffer(queue_.front().payload),
      [self = shared_from_this()](const boost::system::error_code& failure, size_t) {
        self->writing_ = false;
        self->queued_bytes_ -= self->queue_.front().payload.size();
        self->queue_.pop_front();
        if (!failure) {
          self->pump();
        }
        // A failed write ends the read too, which reports it.
      });
}

void WebSocketConnection::close(uint16_t code, std::string_view reason) {
  if (close_wanted_ || state_ >= State::kClosing) {
    return;
  }
  close_wanted_ = true;
  close_code_ = code;
  close_reason_ = cut_reason(reason);
  if (state_ == State::kOpen) {
    state_ = State::kClosing;
    deadline_ = EventLoop::now() + core_->options.websocket.close_timeout;
    pump();
  }
}

void WebSocketConnection::start_close() {
  close_started_ = true;
  ws::close_reason reason;
  if (close_code_ != close_code::kNone) {
    reason = ws::close_reason(ws::close_code(close_code_), view(close_reason_));
  }
  stream_->socket.async_close(
      reason, [self = shared_from_this()](const boost::system::error_code& failure) {
        self->close_answered_ = self->close_answered_ || !failure;
        self->end();
      });
}

void WebSocketConnection::ping() {
  if (state_ != State::kOpen || pinging_ || cut_) {
    return;
  }
  pinging_ = true;
  stream_->socket.async_ping({}, [self = shared_from_this()](const boost::system::error_code&) {
    self->pinging_ = false;
  });
}

void WebSocketConnection::probe(Micros timeout) {
  if (state_ == State::kOpen) {
    keep_alive_->on_probe(timeout, EventLoop::now());
    ping();
  }
}

void WebSocketConnection::on_tick(Micros now) {
  if (deadline_ && now >= *deadline_) {
    drop(state_ == State::kConnecting ? "the handshake timed out" : "the closing timed out");
    return;
  }
  if (state_ != State::kOpen || cut_) {
    return;
  }
  switch (keep_alive_->on_tick(now)) {
    case KeepAlive::Action::kPing:
      ping();
      break;
    case KeepAlive::Action::kDrop:
      ++core_->stats.dropped_silent;
      drop("no sign of life");
      break;
    case KeepAlive::Action::kNone:
      break;
  }
}

void WebSocketConnection::drain(const ShutdownOptions& options) {
  close(options.close_code, options.reason);
}

void WebSocketConnection::drop(std::string reason) {
  if (drop_reason_.empty()) {
    drop_reason_ = std::move(reason);
  }
  cut();
}

void WebSocketConnection::cut() {
  if (cut_) {
    return;
  }
  cut_ = true;
  deadline_.reset();
  if (stream_) {
    stream_->socket.next_layer().close();
  }
  // Whatever is still pending in the stream, the owner hears of the end.
  core_->loop.post([self = shared_from_this()] { self->end(); });
}

CloseEvent WebSocketConnection::describe_end() const {
  CloseEvent event;
  if (close_wanted_) {
    event.code = close_code_;
    event.reason = close_reason_;
    event.clean = close_answered_;
  } else if (close_answered_) {
    const ws::close_reason& theirs = stream_->socket.reason();
    event.code = theirs.code == ws::close_code::none ? close_code::kNone : theirs.code;
    event.reason.assign(theirs.reason.data(), theirs.reason.size());
    event.clean = true;
    event.by_peer = true;
  } else {
    event.code = failure_code_ != 0 ? failure_code_ : close_code::kAbnormal;
    event.reason = drop_reason_;
    event.by_peer = failure_code_ == 0 && !cut_;
  }
  return event;
}

void WebSocketConnection::end() {
  if (state_ == State::kEnded) {
    return;
  }
  const CloseEvent event = describe_end();
  state_ = State::kEnded;
  deadline_.reset();
  if (stream_) {
    stream_->socket.next_layer().close();
  }
  if (tracked_) {
    tracked_ = false;
    --core_->stats.websockets;
    core_->untrack(*this);
  }
  tickets_ = {};
  on_message_ = nullptr;
  if (auto handler = std::exchange(on_close_, nullptr)) {
    try {
      handler(event);
    } catch (const std::exception& e) {
      logger("web")->error("WebSocket close handler failed: {}", e.what());
    }
  }
}

}  // namespace sluice::web
