#include "web/server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "base/log.h"
#include "web/client_address.h"
#include "web/event_loop_internal.h"
#include "web/http_connection_internal.h"
#include "web/server_core_internal.h"

namespace sluice::web {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// Connections that wait to be accepted; thousands of clients come back at once after a restart.
constexpr int kBacklog = 4096;
// Pause when the process has no file descriptors left: some must be given back first.
constexpr Micros kAcceptPause = 100ms;
// How exact timeouts are.
constexpr Micros kMaxTick = 250ms;
constexpr Micros kMinTick = 5ms;
// How long cut connections may take to come to their end.
constexpr Micros kCutGrace = 500ms;

constexpr std::string_view kFullAnswer =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 20\r\nRetry-After: 5\r\nConnection: close\r\n\r\ntoo many connections";

SocketAddress address_of(const tcp::endpoint& endpoint) {
  const auto ip = endpoint.address();
  return {ip.is_v4() ? IpAddress::v4(ip.to_v4().to_uint()) : IpAddress::v6(ip.to_v6().to_bytes()),
          endpoint.port()};
}

tcp::endpoint endpoint_of(const SocketAddress& address) {
  const Bytes raw = address.ip.bytes();
  if (address.ip.is_v4()) {
    return {asio::ip::address_v4(load_be32(raw.data())), address.port};
  }
  asio::ip::address_v6::bytes_type bytes;
  std::copy(raw.begin(), raw.end(), bytes.begin());
  return {asio::ip::address_v6(bytes), address.port};
}

/// A quarter of the shortest timeout, so that each is kept to about that.
Micros tick_interval(const ServerOptions& options) {
  Micros shortest = 4 * kMaxTick;
  for (const Micros timeout :
       {options.http.header_timeout, options.http.body_timeout, options.http.idle_timeout,
        options.http.write_timeout, options.websocket.ping_interval, options.websocket.idle_timeout,
        options.websocket.close_timeout}) {
    if (timeout > Micros::zero()) {
      shortest = std::min(shortest, timeout);
    }
  }
  return std::clamp(shortest / 4, kMinTick, kMaxTick);
}

struct OpenListener {
  OpenListener(asio::io_context& context, Listener what)
      : listener(std::move(what)), acceptor(context), pause(context) {}

  Listener listener;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::shared_ptr<SSL_CTX> tls;
};

/// Says no as far as that is possible without waiting.
void turn_away(tcp::socket socket, bool is_tls) {
  error_code ignored;
  if (!is_tls) {
    socket.send(asio::buffer(kFullAnswer), MSG_DONTWAIT, ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
  }
  socket.close(ignored);
}

void welcome(const std::shared_ptr<ServerCore>& core, const OpenListener& listener,
             tcp::socket socket) {
  error_code failure;
  const tcp::endpoint remote = socket.remote_endpoint(failure);
  const tcp::endpoint local = socket.local_endpoint(failure);
  if (failure) {
    return;  // gone already
  }
  const SocketAddress peer = address_of(remote);
  const bool own_address = !(core->options.trust_private_peers && may_be_proxy(peer.ip));
  Admission::Ticket ticket = core->admission.admit(peer.ip, own_address);
  if (!ticket) {
    ++(core->admission.connections() >= core->options.admission.max_connections
           ? core->stats.refused_total
           : core->stats.refused_address);
    turn_away(std::move(socket), listener.tls != nullptr);
    return;
  }
  ++core->stats.accepted;
  socket.set_option(tcp::no_delay(true), failure);
  socket.non_blocking(true, failure);
  std::make_shared<HttpConnection>(
      core, HttpConnection::Accepted{std::move(socket), peer, address_of(local), listener.tls,
                                     std::move(ticket)})
      ->start();
}

asio::awaitable<void> accept_connections(std::shared_ptr<ServerCore> core,
                                         std::shared_ptr<OpenListener> listener) {
  bool complained = false;
  for (;;) {
    auto [failure, socket] = co_await listener->acceptor.async_accept(kAwait);
    if (!listener->acceptor.is_open()) {
      co_return;
    }
    if (!failure) {
      complained = false;
      welcome(core, *listener, std::move(socket));
      continue;
    }
    if (failure == asio::error::connection_aborted) {
      continue;
    }
    if (!complained) {
      complained = true;
      logger("web")->warn("cannot accept connections: {}", failure.message());
    }
    listener->pause.expires_after(kAcceptPause);
    co_await listener->pause.async_wait(kAwait);
  }
}

}  // namespace

struct Server::Impl {
  Impl(EventLoop& loop, ServerOptions options)
      : core(std::make_shared<ServerCore>(loop, options)),
        tick_every(tick_interval(core->options)) {
    arm_tick();
  }

  void arm_tick() {
    tick = core->loop.after(tick_every, [this] {
      const Micros now = EventLoop::now();
      core->for_each([now](Tracked& connection) { connection.on_tick(now); });
      arm_tick();
    });
  }

  void stop_accepting() {
    for (const auto& listener : listeners) {
      error_code ignored;
      listener->acceptor.close(ignored);
      listener->pause.cancel();
    }
    listeners.clear();
  }

  void close_all() {
    core->for_each([](Tracked& connection) { connection.cut(); });
  }

  /// The first call counts.
  void finish_shutdown() {
    shutdown_timer.cancel();
    if (auto callback = std::exchange(done, nullptr)) {
      core->loop.post(std::move(callback));
    }
  }

  std::shared_ptr<ServerCore> core;
  Micros tick_every;
  Timer tick;
  Timer shutdown_timer;
  std::vector<std::shared_ptr<OpenListener>> listeners;
  std::move_only_function<void()> done;
};

Server::Server(EventLoop& loop, ServerOptions options)
    : impl_(std::make_unique<Impl>(loop, options)) {}

Server::~Server() {
  impl_->core->dead = true;
  impl_->core->on_untracked = nullptr;
  impl_->stop_accepting();
  impl_->close_all();
  impl_->core->router = Router();
}

Router& Server::router() {
  return impl_->core->router;
}

Result<SocketAddress> Server::listen(const Listener& listener) {
  const auto ip = IpAddress::parse(listener.host);
  if (!ip) {
    return type_error("listen address \"" + listener.host + "\" is not an IP address");
  }
  const SocketAddress wanted{*ip, listener.port};
  auto opened = std::make_shared<OpenListener>(impl_->core->loop.impl().context, listener);
  if (listener.tls) {
    auto tls = make_tls_context(*listener.tls);
    if (!tls) {
      return std::unexpected(tls.error());
    }
    opened->tls = std::move(*tls);
  }
  const tcp::endpoint endpoint = endpoint_of(wanted);
  tcp::acceptor& acceptor = opened->acceptor;
  error_code failure;
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) {
    acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  }
  if (!failure && !ip->is_v4()) {
    acceptor.set_option(asio::ip::v6_only(false), failure);
  }
  if (!failure) {
    acceptor.bind(endpoint, failure);
  }
  if (!failure) {
    acceptor.listen(kBacklog, failure);
  }
  if (failure) {
    return generic_error("cannot listen on " + wanted.to_string() + ": " + failure.message());
  }
  const SocketAddress bound{*ip, acceptor.local_endpoint(failure).port()};
  impl_->listeners.push_back(opened);
  asio::co_spawn(acceptor.get_executor(), accept_connections(impl_->core, std::move(opened)),
                 asio::detached);
  return bound;
}

Result<void> Server::reload_certificates() {
  std::vector<std::shared_ptr<SSL_CTX>> fresh;
  for (const auto& listener : impl_->listeners) {
    fresh.emplace_back();
    if (listener->listener.tls) {
      auto tls = make_tls_context(*listener->listener.tls);
      if (!tls) {
        return std::unexpected(tls.error());
      }
      fresh.back() = std::move(*tls);
    }
  }
  for (size_t i = 0; i < fresh.size(); ++i) {
    impl_->listeners[i]->tls = std::move(fresh[i]);
  }
  return {};
}

void Server::stop_accepting() {
  impl_->stop_accepting();
}

void Server::shutdown(ShutdownOptions options, std::move_only_function<void()> done) {
  impl_->stop_accepting();
  impl_->done = std::move(done);
  ServerCore& core = *impl_->core;
  core.draining = true;
  core.for_each([&options](Tracked& connection) { connection.drain(options); });
  if (core.tracked() == 0) {
    impl_->finish_shutdown();
    return;
  }
  Impl* const impl = impl_.get();
  core.on_untracked = [impl] {
    if (impl->core->tracked() == 0) {
      impl->finish_shutdown();
    }
  };
  impl_->shutdown_timer = core.loop.after(options.timeout, [impl] {
    impl->close_all();
    impl->shutdown_timer = impl->core->loop.after(kCutGrace, [impl] { impl->finish_shutdown(); });
  });
}

void Server::close_all() {
  impl_->close_all();
}

ServerStats Server::stats() const {
  ServerStats stats = impl_->core->stats;
  stats.connections = impl_->core->admission.connections();
  return stats;
}

}  // namespace sluice::web
