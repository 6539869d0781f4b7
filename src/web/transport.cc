#include <boost/asio/append.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "web/transport_internal.h"

namespace sluice::web {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Enough for nearly every request in one system call; on the stack only.
constexpr size_t kReceiveChunk = 16 * 1024;
// TLS must have its buffer ready beforehand, so it is smaller.
constexpr size_t kTlsReceiveChunk = 4 * 1024;

/// asio::ssl::context takes over one reference of the context.
asio::ssl::context share(SSL_CTX* context) {
  SSL_CTX_up_ref(context);
  return asio::ssl::context(context);
}

}  // namespace

struct Transport::Tls {
  Tls(tcp::socket socket, SSL_CTX* raw) : context(share(raw)), stream(std::move(socket), context) {}

  asio::ssl::context context;
  asio::ssl::stream<tcp::socket> stream;
  std::array<char, kTlsReceiveChunk> chunk;
};

Transport::Transport(tcp::socket socket) : tcp_(std::make_unique<tcp::socket>(std::move(socket))) {}

Transport::~Transport() = default;
Transport::Transport(Transport&&) noexcept = default;
Transport& Transport::operator=(Transport&&) noexcept = default;

Transport::executor_type Transport::get_executor() {
  return socket().get_executor();
}

bool Transport::is_tls() const {
  return tls_ != nullptr;
}

tcp::socket& Transport::socket() {
  return tls_ ? tls_->stream.next_layer() : *tcp_;
}

void Transport::start_wait(DoneHandler handler) {
  socket().async_wait(tcp::socket::wait_read, std::move(handler));
}

void Transport::start_handshake(ssl_ctx_st* context, DoneHandler handler) {
  tls_ = std::make_unique<Tls>(std::move(*tcp_), context);
  tcp_.reset();
  tls_->stream.async_handshake(asio::ssl::stream_base::server, std::move(handler));
}

void Transport::start_read(asio::mutable_buffer buffer, IoHandler handler) {
  if (!unread_.empty()) {
    const size_t count = asio::buffer_copy(buffer, asio::buffer(unread_));
    unread_.erase(0, count);
    asio::post(get_executor(), asio::append(std::move(handler), ErrorCode{}, count));
  } else if (tls_) {
    tls_->stream.async_read_some(buffer, std::move(handler));
  } else {
    tcp_->async_read_some(buffer, std::move(handler));
  }
}

void Transport::start_write(const Gather& buffers, IoHandler handler) {
  if (tls_) {
    tls_->stream.async_write_some(buffers, std::move(handler));
  } else {
    tcp_->async_write_some(buffers, std::move(handler));
  }
}

void Transport::receive(Received received) {
  if (!tls_) {
    receive_tcp(std::move(received));
    return;
  }
  char* const chunk = tls_->chunk.data();
  tls_->stream.async_read_some(
      asio::buffer(tls_->chunk),
      [chunk, received = std::move(received)](ErrorCode failure, size_t count) mutable {
        received(failure, {chunk, count});
      });
}

void Transport::receive_tcp(Received received) {
  tcp::socket* const socket = tcp_.get();
  socket->async_wait(
      tcp::socket::wait_read, [socket, received = std::move(received)](ErrorCode failure) mutable {
        if (failure) {
          received(failure, {});
          return;
        }
        std::array<char, kReceiveChunk> chunk;
        const size_t count = socket->read_some(asio::buffer(chunk), failure);
        if (failure == asio::error::would_block || failure == asio::error::try_again) {
          failure = {};  // woken for nothing: nothing received, no error
        }
        received(failure, {chunk.data(), failure ? 0 : count});
      });
}

void Transport::shutdown_send() {
  ErrorCode ignored;
  socket().shutdown(tcp::socket::shutdown_send, ignored);
}

void Transport::close() {
  ErrorCode ignored;
  socket().close(ignored);
}

namespace {

/// Reads and forgets until the peer has closed: closing with unread bytes would reset the
/// connection and take from the peer what it has not read yet, such as our close frame.
void discard_until_end(tcp::socket& socket, Transport::DoneHandler handler) {
  socket.async_wait(tcp::socket::wait_read, [&socket, handler = std::move(handler)](
                                                Transport::ErrorCode failure) mutable {
    std::array<char, kReceiveChunk> chunk;
    if (!failure) {
      socket.read_some(asio::buffer(chunk), failure);
    }
    if (!failure || failure == asio::error::would_block || failure == asio::error::try_again) {
      discard_until_end(socket, std::move(handler));
      return;
    }
    Transport::ErrorCode ignored;
    socket.close(ignored);
    std::move(handler)(failure == asio::error::eof ? Transport::ErrorCode{} : failure);
  });
}

}  // namespace

void Transport::teardown(DoneHandler handler) {
  if (tls_) {
    tls_->stream.async_shutdown([this, handler = std::move(handler)](ErrorCode) mutable {
      shutdown_send();
      discard_until_end(socket(), std::move(handler));
    });
  } else {
    shutdown_send();
    discard_until_end(socket(), std::move(handler));
  }
}

void beast_close_socket(Transport& transport) {
  transport.close();
}

void teardown(boost::beast::role_type, Transport& transport, boost::system::error_code& ec) {
  transport.close();
  ec = {};
}

}  // namespace sluice::web
