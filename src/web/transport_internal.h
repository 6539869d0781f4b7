// A byte stream over TCP or TLS with one static type, so that HTTP and WebSocket code is compiled
// once (internal to src/web). Meets Asio's AsyncReadStream and AsyncWriteStream, and what
// Beast's WebSocket stream asks of its next layer.
#pragma once

#include <array>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/role.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;

namespace sluice::web {

/// Movable while no operation is pending.
class Transport {
 public:
  using executor_type = boost::asio::any_io_executor;
  using ErrorCode = boost::system::error_code;
  using IoHandler = boost::asio::any_completion_handler<void(ErrorCode, size_t)>;
  using DoneHandler = boost::asio::any_completion_handler<void(ErrorCode)>;

  explicit Transport(boost::asio::ip::tcp::socket socket);
  ~Transport();
  Transport(Transport&&) noexcept;
  Transport& operator=(Transport&&) noexcept;

  [[nodiscard]] executor_type get_executor();
  [[nodiscard]] bool is_tls() const;

  /// Completes when the first byte has arrived; needs no buffer.
  template <class Token>
  auto async_wait_readable(Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode)>(
        [this](auto handler) { start_wait(DoneHandler(std::move(handler))); }, token);
  }

  /// Turns the stream into a TLS server's. `context` is shared with the stream.
  template <class Token>
  auto async_handshake(ssl_ctx_st* context, Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode)>(
        [this, context](auto handler) {
          start_handshake(context, DoneHandler(std::move(handler)));
        },
        token);
  }

  template <class MutableBuffers, class Token>
  auto async_read_some(const MutableBuffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode, size_t)>(
        [this](auto handler, boost::asio::mutable_buffer buffer) {
          start_read(buffer, IoHandler(std::move(handler)));
        },
        token, first_buffer(buffers));
  }

  template <class ConstBuffers, class Token>
  auto async_write_some(const ConstBuffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode, size_t)>(
        [this](auto handler, const Gather& gathered) {
          start_write(gathered, IoHandler(std::move(handler)));
        },
        token, gather(buffers));
  }

  /// Waits for bytes and hands them over: on TCP no buffer is held meanwhile. `bytes` live for the
  /// call; an error or the end of the stream comes with none.
  using Received = std::move_only_function<void(ErrorCode failure, std::string_view bytes)>;
  void receive(Received received);

  /// Bytes that the next read gives before any from the network (read too far by someone else).
  void unread(std::string bytes) { unread_ = std::move(bytes); }

  /// Tells the peer that nothing more comes (TCP FIN).
  void shutdown_send();
  /// Ends the stream at once; pending operations fail.
  void close();

  /// The orderly end: says that nothing more comes, then reads and forgets until the peer has
  /// closed too. The caller bounds the time with `close`.
  template <class Token>
  auto async_teardown(Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode)>(
        [this](auto handler) { teardown(DoneHandler(std::move(handler))); }, token);
  }
  void teardown(DoneHandler handler);

 private:
  /// Head and payload of a message go out in one system call.
  using Gather = std::array<boost::asio::const_buffer, 4>;
  struct Tls;

  template <class Buffers>
  static boost::asio::mutable_buffer first_buffer(const Buffers& buffers) {
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto it = boost::asio::buffer_sequence_begin(buffers); it != end; ++it) {
      if (const boost::asio::mutable_buffer buffer(*it); buffer.size() > 0) {
        return buffer;
      }
    }
    return {};
  }

  template <class Buffers>
  static Gather gather(const Buffers& buffers) {
    Gather gathered;
    size_t count = 0;
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto it = boost::asio::buffer_sequence_begin(buffers);
         it != end && count < gathered.size(); ++it) {
      if (const boost::asio::const_buffer buffer(*it); buffer.size() > 0) {
        gathered[count++] = buffer;
      }
    }
    return gathered;
  }

  [[nodiscard]] boost::asio::ip::tcp::socket& socket();
  void start_wait(DoneHandler handler);
  void start_handshake(ssl_ctx_st* context, DoneHandler handler);
  void start_read(boost::asio::mutable_buffer buffer, IoHandler handler);
  void start_write(const Gather& buffers, IoHandler handler);
  void receive_tcp(Received received);

  // Exactly one of the two; by pointer, so that pending work survives a move of this object.
  std::unique_ptr<boost::asio::ip::tcp::socket> tcp_;
  std::unique_ptr<Tls> tls_;
  std::string unread_;
};

// What Beast's WebSocket stream finds by argument-dependent lookup.
void beast_close_socket(Transport& transport);
void teardown(boost::beast::role_type role, Transport& transport, boost::system::error_code& ec);

template <class Handler>
void async_teardown(boost::beast::role_type, Transport& transport, Handler&& handler) {
  transport.teardown(Transport::DoneHandler(std::forward<Handler>(handler)));
}

}  // namespace sluice::web
