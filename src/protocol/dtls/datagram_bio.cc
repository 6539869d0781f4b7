#include "protocol/dtls/datagram_bio.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <algorithm>

namespace sluice::dtls {
namespace {

// IPv6 and UDP headers: the library subtracts them from the link MTU. We do not know the address
// family here, so take the larger.
constexpr long kHeaderOverhead = 40 + 8;

DatagramBio& self(BIO* bio) {
  return *static_cast<DatagramBio*>(BIO_get_data(bio));
}

int read_one(BIO* bio, char* buffer, int capacity) {
  BIO_clear_retry_flags(bio);
  const std::optional<size_t> size =
      self(bio).read({reinterpret_cast<uint8_t*>(buffer), static_cast<size_t>(capacity)});
  if (!size) {
    BIO_set_retry_read(bio);
    return -1;
  }
  return static_cast<int>(*size);
}

int write_one(BIO* bio, const char* bytes, int count) {
  BIO_clear_retry_flags(bio);
  self(bio).write({reinterpret_cast<const uint8_t*>(bytes), static_cast<size_t>(count)});
  return count;
}

long control(BIO* bio, int command, long, void* argument) {
  return self(bio).control(command, argument);
}

struct MethodDelete {
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};

BIO_METHOD* method() {
  static const std::unique_ptr<BIO_METHOD, MethodDelete> instance = [] {
    std::unique_ptr<BIO_METHOD, MethodDelete> made(
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sluice datagrams"));
    if (made != nullptr) {
      BIO_meth_set_read(made.get(), read_one);
      BIO_meth_set_write(made.get(), write_one);
      BIO_meth_set_ctrl(made.get(), control);
    }
    return made;
  }();
  return instance.get();
}

}  // namespace

bool DatagramBio::attach(ssl_st* ssl) {
  BIO* bio = method() == nullptr ? nullptr : BIO_new(method());
  if (bio == nullptr) {
    return false;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);  // takes the one reference for both directions
  return true;
}

std::optional<size_t> DatagramBio::read(MutableBytes buffer) {
  if (input_.empty()) {
    return std::nullopt;
  }
  const size_t size = std::min(buffer.size(), input_.size());
  std::copy_n(input_.begin(), size, buffer.begin());
  input_ = {};
  return size;
}

long DatagramBio::control(int command, void* argument) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
      return kHeaderOverhead;
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
      timer_.library_set(static_cast<timeval*>(argument));
      return 1;
    default:
      return 0;
  }
}

}  // namespace sluice::dtls
