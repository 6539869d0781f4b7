// RetransmitTimer with a library that keeps its deadline to itself, as OpenSSL does from 3.2 on:
// the BIO gets a copy, so the library's clock has a say. (That it is overruled where the storage is
// shared is what timer_test.cc shows.)
#include "protocol/dtls/retransmit_timer.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include "unit/dtls/pair.h"

namespace sluice::dtls {
namespace {

/// A client whose datagrams vanish, and whose timer the library does not share.
class Unshared : public testing::Test {
 protected:
  Unshared() : ssl_(SSL_new(context_->native())) {
    method_ = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "test");
    BIO_meth_set_write(method_, [](BIO* bio, const char*, int size) {
      ++self(bio).sent_;
      return size;
    });
    BIO_meth_set_read(method_, [](BIO* bio, char*, int) {
      BIO_set_retry_read(bio);
      return -1;
    });
    BIO_meth_set_ctrl(method_, [](BIO* bio, int command, long, void* argument) -> long {
      if (command == BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT) {
        timeval copy = *static_cast<timeval*>(argument);
        self(bio).timer_.library_set(&copy);
      }
      return command == BIO_CTRL_FLUSH ? 1 : 0;
    });
    BIO* bio = BIO_new(method_);
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_app_data(ssl_.get(), this);
    DTLS_set_link_mtu(ssl_.get(), 1350);
    SSL_set_connect_state(ssl_.get());
  }
  ~Unshared() override {
    ssl_.reset();
    BIO_meth_free(method_);
  }

  static Unshared& self(BIO* bio) { return *static_cast<Unshared*>(BIO_get_data(bio)); }

  /// Sends the first flight at 10 s. The library waits for a minute, whatever our interval is.
  void start() {
    DTLS_set_timer_cb(ssl_.get(), [](SSL* ssl, unsigned previous) {
      static_cast<Unshared*>(SSL_get_app_data(ssl))->timer_.interval_after(previous);
      return 60'000'000u;
    });
    SSL_do_handshake(ssl_.get());
    timer_.settle(ssl_.get(), 10s);
  }

  std::shared_ptr<const Context> context_ = make_context();
  RetransmitTimer timer_;
  BIO_METHOD* method_ = nullptr;
  OpenSslPtr<ssl_st> ssl_;
  int sent_ = 0;
};

TEST_F(Unshared, WaitsForTheLibrarysClock) {
  start();
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(timer_.deadline(), 10s + 100ms);
  EXPECT_EQ(timer_.expire(ssl_.get(), 10s + 100ms), RetransmitTimer::Expiry::kNotDue);
  EXPECT_EQ(sent_, 1);
  // Looks again when the library should be ready, here only to give up.
  EXPECT_EQ(timer_.deadline(), 40s);
  EXPECT_EQ(timer_.expire(ssl_.get(), 40s), RetransmitTimer::Expiry::kGaveUp);
}

}  // namespace
}  // namespace sluice::dtls
