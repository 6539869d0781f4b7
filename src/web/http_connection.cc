#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>
#include <exception>

#include "base/log.h"
#include "web/client_address.h"
#include "web/http_connection_internal.h"
#include "web/websocket_connection_internal.h"

namespace sluice::web {

namespace asio = boost::asio;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// How long a closed connection stays for the peer to read the last answer.
constexpr Micros kLinger = 2s;

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<ServerCore> core, Accepted accepted)
    : core_(std::move(core)),
      ticket_(std::move(accepted.ticket)),
      transport_(std::move(accepted.socket)),
      wake_(transport_.get_executor(), asio::steady_timer::time_point::max()),
      tls_(std::move(accepted.tls)),
      peer_(accepted.peer),
      local_(accepted.local) {
  core_->track(*this);
}

HttpConnection::~HttpConnection() {
  if (exchange_) {  // the loop ended in the middle; the handler may still hold its side
    exchange_->wake = nullptr;
    exchange_->on_abort = nullptr;
    exchange_->aborted = true;
  }
  core_->untrack(*this);
}

void HttpConnection::start() {
  asio::co_spawn(
      transport_.get_executor(), [self = shared_from_this()] { return self->run(); },
      [](const std::exception_ptr& failure) {
        if (!failure) {
          return;
        }
        try {
          std::rethrow_exception(failure);
        } catch (const std::exception& e) {
          logger("web")->error("connection ended by an exception: {}", e.what());
        }
      });
}

void HttpConnection::on_tick(Micros now) {
  if (deadline_ && now >= *deadline_) {
    if (!closing_) {
      ++core_->stats.request_timeouts;
    }
    cut();
  }
}

void HttpConnection::drain(const ShutdownOptions&) {
  if (idle_) {
    cut();
  }
  // Otherwise the answer at work says `Connection: close`.
}

void HttpConnection::cut() {
  if (upgraded_) {
    return;
  }
  cut_ = true;
  deadline_.reset();
  transport_.close();
  notify();
}

// GCC 12 miscompiles `co_await` inside && and || and in conditions of loops, so each stands in a
// statement of its own here, without temporaries that need destroying.
HttpConnection::Task<void> HttpConnection::run() {
  bool more = co_await open();
  while (more) {
    more = co_await read_request();
    if (!more) {
      break;
    }
    ++core_->stats.requests;
    Request& request = reader_->request();
    describe_request(request);
    if (wants_websocket(request)) {
      co_await serve_upgrade();
      more = false;
    } else {
      more = co_await serve_request();
    }
  }
  end_exchange();
  if (!upgraded_) {
    co_await finish();
  }
}

HttpConnection::Task<bool> HttpConnection::open() {
  set_deadline(core_->options.http.header_timeout);
  if (!tls_) {
    co_return true;
  }
  // A TLS stream is large, so it waits for the first byte.
  const auto [failure] = co_await transport_.async_wait_readable(kAwait);
  if (failure || cut_) {
    co_return false;
  }
  const auto [refused] = co_await transport_.async_handshake(tls_.get(), kAwait);
  if (refused) {
    logger("web")->debug("TLS handshake failed: {}", refused.message());
    cut();
  }
  co_return !refused && !cut_;
}

HttpConnection::Task<bool> HttpConnection::read_request() {
  const HttpOptions& options = core_->options.http;
  const bool first = !reader_.has_value();
  reader_.emplace(options.max_header);
  idle_ = in_.empty();
  in_.shrink_to_fit();  // idle connections are many
  set_deadline(idle_ && !first ? options.idle_timeout : options.header_timeout);
  Response answer;
  for (;;) {
    switch (reader_->parse(in_)) {
      case RequestReader::Progress::kDone:
        deadline_.reset();
        co_return true;
      case RequestReader::Progress::kHeaderDone:
        if (reader_->set_body_limit(core_->router.scope_of(reader_->request().path()).max_body) &&
            reader_->expects_continue()) {
          co_await write(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"), {});
        }
        set_deadline(options.body_timeout);
        continue;
      case RequestReader::Progress::kFailed:
        describe_request(reader_->request());
        answer = Response::error(reader_->error_status(), reader_->error_text());
        co_await send(std::move(answer), false);
        co_return false;
      case RequestReader::Progress::kNeedMore:
        break;
    }
    if (idle_ && core_->draining) {
      co_return false;
    }
    const bool filled = co_await fill();
    if (!filled) {
      co_return false;
    }
    if (idle_) {
      idle_ = false;
      set_deadline(options.header_timeout);
    }
  }
}

HttpConnection::Task<bool> HttpConnection::serve_request() {
  Request& request = reader_->request();
  if (auto refused = refusal(request)) {
    co_return co_await send(std::move(*refused), reader_->keep_alive());
  }
  call_handler(request, false);
  while (!exchange_->decided() && !cut_) {
    if (ended_) {
      end_exchange();
      co_return false;
    }
    if (!reading_ && in_.size() < core_->options.http.max_header) {
      start_read();
    }
    co_await sleep();
  }
  if (cut_) {
    co_return false;
  }
  Response answer = std::move(*exchange_->answer);
  end_exchange();
  co_return co_await send(std::move(answer), reader_->keep_alive());
}

HttpConnection::Task<void> HttpConnection::serve_upgrade() {
  Request& request = reader_->request();
  auto refused = refusal(request);
  if (!refused) {
    refused = upgrade_refusal(request);
  }
  if (refused) {
    co_await send(std::move(*refused), false);
    co_return;
  }
  call_handler(request, true);
  while (!exchange_->decided() && !cut_) {
    co_await sleep();
  }
  if (const auto session = exchange_->accepted) {
    if (cut_) {
      session->fail_before_open();
    } else {
      upgraded_ = true;
      session->attach(std::move(transport_), request, std::move(in_),
                      {std::move(ticket_), std::move(user_ticket_)});
    }
  } else if (!cut_) {
    Response answer = std::move(*exchange_->answer);
    co_await send(std::move(answer), false);
  }
}

HttpConnection::Task<bool> HttpConnection::send(Response response, bool keep_alive) {
  const Request& request = reader_->request();
  const Scope& scope = core_->router.scope_of(request.path());
  if (response.is_plain_error && scope.render_error) {
    Response rendered = scope.render_error(request, response.status, response.body);
    for (const auto& [name, value] : response.headers) {
      if (!rendered.headers.has(name)) {
        rendered.headers.add(name, value);  // e.g. Allow
      }
    }
    response = std::move(rendered);
  }
  if (scope.cors) {
    add_cors(*scope.cors, request, response);
  }
  apply_conditions(request, response);
  SerializeOptions options;
  options.keep_alive = keep_alive && !core_->draining && !core_->dead;
  options.http_1_1 = request.http_1_1;
  options.head_request = request.method == "HEAD";
  options.unix_seconds = std::time(nullptr);
  const std::string head = serialize_head(response, options);
  const bool sent = co_await write(as_bytes(head), wire_body(response, options));
  co_return sent ? options.keep_alive : false;
}

HttpConnection::Task<bool> HttpConnection::write(Bytes head, Bytes body) {
  while (!head.empty() || !body.empty()) {
    if (cut_) {
      co_return false;
    }
    set_deadline(core_->options.http.write_timeout);
    std::array<asio::const_buffer, 2> buffers;
    buffers[0] = asio::const_buffer(head.data(), head.size());
    buffers[1] = asio::const_buffer(body.data(), body.size());
    const auto [failure, count] = co_await transport_.async_write_some(buffers, kAwait);
    if (failure) {
      co_return false;
    }
    const size_t of_head = std::min(count, head.size());
    head = head.subspan(of_head);
    body = body.subspan(count - of_head);
  }
  deadline_.reset();
  co_return true;
}

HttpConnection::Task<void> HttpConnection::finish() {
  closing_ = true;
  if (cut_) {
    co_return;
  }
  set_deadline(kLinger);
  if (!reading_ && !ended_) {
    co_await transport_.async_teardown(kAwait);
  } else {
    transport_.shutdown_send();
    bool more = !ended_;
    while (more) {
      in_.clear();
      more = co_await fill();
    }
  }
  transport_.close();
}

HttpConnection::Task<bool> HttpConnection::fill() {
  const size_t before = in_.size();
  while (in_.size() == before && !ended_ && !cut_) {
    if (!reading_) {
      start_read();
    }
    co_await sleep();
  }
  co_return in_.size() > before && !cut_;
}

void HttpConnection::start_read() {
  reading_ = true;
  transport_.receive(
      [self = shared_from_this()](Transport::ErrorCode failure, std::string_view bytes) {
        self->reading_ = false;
        self->ended_ = self->ended_ || failure;
        self->in_.append(bytes);
        self->notify();
      });
}

HttpConnection::Task<void> HttpConnection::sleep() {
  co_await wake_.async_wait(kAwait);
}

void HttpConnection::notify() {
  wake_.cancel();
}

void HttpConnection::set_deadline(Micros from_now) {
  deadline_ = EventLoop::now() + from_now;
}

void HttpConnection::describe_request(Request& request) const {
  const bool trust = core_->options.trust_private_peers;
  request.peer = peer_;
  request.local = local_;
  request.client = trust ? client_address(peer_.ip, request.headers) : peer_.ip;
  request.secure = tls_ != nullptr || (trust && proxied_over_tls(peer_.ip, request.headers));
}

std::optional<Response> HttpConnection::refusal(const Request& request) {
  if (core_->dead) {
    return Response::error(503, "the server is shutting down");
  }
  if (!core_->admission.allow_request(request.client, EventLoop::now())) {
    ++core_->stats.refused_rate;
    Response response = Response::error(429, "too many requests from this address");
    response.headers.add("Retry-After", "1");
    return response;
  }
  return std::nullopt;
}

std::optional<Response> HttpConnection::upgrade_refusal(const Request& request) {
  if (core_->draining) {
    return Response::error(503, "the server is shutting down");
  }
  if (request.method != "GET" || !request.http_1_1 || request.header("Sec-WebSocket-Key").empty()) {
    return Response::error(400, "malformed WebSocket handshake");
  }
  if (request.header("Sec-WebSocket-Version") != "13") {
    Response response = Response::error(426, "only WebSocket version 13 is supported");
    response.headers.add("Sec-WebSocket-Version", "13");
    response.headers.add("Upgrade", "websocket");
    return response;
  }
  if (reading_) {
    return Response::error(400, "a WebSocket handshake cannot be pipelined");
  }
  // A proxy's connections are counted for the users behind it, once it is known who they are.
  if (core_->options.trust_private_peers && may_be_proxy(peer_.ip)) {
    user_ticket_ = core_->admission.admit_user(request.client);
    if (!user_ticket_) {
      ++core_->stats.refused_address;
      return Response::error(503, "too many connections from this address");
    }
  }
  return std::nullopt;
}

void HttpConnection::call_handler(Request& request, bool upgrade) {
  exchange_ = std::make_shared<Exchange>();
  exchange_->wake = [this] { notify(); };
  try {
    if (upgrade) {
      exchange_->make_session = [core = core_](AcceptOptions options) {
        return std::make_shared<WebSocketConnection>(core, std::move(options));
      };
      core_->router.dispatch(request, Upgrade(exchange_));
    } else {
      core_->router.dispatch(request, Responder(exchange_));
    }
  } catch (const std::exception& e) {
    logger("web")->error("handler of {} {} failed: {}", request.method, request.url.raw_path,
                         e.what());
    exchange_->put(Response::error(500, "internal error"));
  }
}

void HttpConnection::end_exchange() {
  if (const auto exchange = std::move(exchange_)) {
    if (core_->dead) {
      exchange->on_abort = nullptr;
    }
    exchange->abort();
  }
}

}  // namespace sluice::web
