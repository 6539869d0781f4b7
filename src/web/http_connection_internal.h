// One HTTP/1.1 connection, from its first byte until it closes or becomes a WebSocket (internal to
// src/web).
//
// One coroutine does everything in sequence: read a request, let its handler answer, write the
// answer. While the handler takes its time, a read goes on, so that a client that leaves is
// noticed. Bytes that arrive early are kept (up to the header limit) and parsed afterwards, which
// makes pipelining work.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "web/exchange_internal.h"
#include "web/request_reader.h"
#include "web/server_core_internal.h"
#include "web/transport_internal.h"

namespace sluice::web {

class HttpConnection : public Tracked, public std::enable_shared_from_this<HttpConnection> {
 public:
  struct Accepted {
    boost::asio::ip::tcp::socket socket;
    SocketAddress peer;
    SocketAddress local;
    std::shared_ptr<ssl_ctx_st> tls;  ///< null: plain TCP
    Admission::Ticket ticket;
  };

  HttpConnection(std::shared_ptr<ServerCore> core, Accepted accepted);
  ~HttpConnection() override;

  /// Starts the coroutine, which keeps the connection alive.
  void start();

  void on_tick(Micros now) override;
  void drain(const ShutdownOptions& options) override;
  void cut() override;

 private:
  template <class T>
  using Task = boost::asio::awaitable<T>;

  Task<void> run();
  Task<bool> open();
  Task<bool> read_request();
  /// False when the connection cannot serve another request.
  Task<bool> serve_request();
  Task<void> serve_upgrade();
  Task<bool> send(Response response, bool keep_alive);
  Task<bool> write(Bytes head, Bytes body);
  Task<void> finish();

  /// Reads once more into `in_`; false when the peer or we have closed.
  Task<bool> fill();
  void start_read();
  /// Waits until `notify`.
  Task<void> sleep();
  void notify();

  void set_deadline(Micros from_now);
  void describe_request(Request& request) const;
  /// Answers 4xx or 5xx by itself when the request may not go to a handler.
  std::optional<Response> refusal(const Request& request);
  std::optional<Response> upgrade_refusal(const Request& request);
  void call_handler(Request& request, bool upgrade);
  void end_exchange();

  std::shared_ptr<ServerCore> core_;
  // After core_, because giving the place back needs it.
  Admission::Ticket ticket_;
  Admission::Ticket user_ticket_;
  Transport transport_;
  boost::asio::steady_timer wake_;  ///< never expires; cancelled to wake the coroutine
  std::shared_ptr<ssl_ctx_st> tls_;
  SocketAddress peer_;
  SocketAddress local_;

  std::string in_;  ///< received and not parsed yet
  std::optional<RequestReader> reader_;
  std::shared_ptr<Exchange> exchange_;
  std::optional<Micros> deadline_;
  bool reading_ = false;  ///< a receive is pending
  bool ended_ = false;    ///< nothing more comes from the peer
  bool cut_ = false;
  bool idle_ = true;       ///< between requests
  bool closing_ = false;   ///< past the last answer
  bool upgraded_ = false;  ///< the transport has moved on
};

}  // namespace sluice::web
