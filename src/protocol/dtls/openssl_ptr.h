// Ownership of OpenSSL objects without its headers: the types are only declared here, so that users
// of this module do not pay for including the library.
#pragma once

#include <memory>
#include <string>

struct bio_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;
struct x509_store_ctx_st;

namespace sluice::dtls {

struct OpenSslDelete {
  void operator()(bio_st* object) const;
  void operator()(evp_pkey_st* object) const;
  void operator()(ssl_ctx_st* object) const;
  void operator()(ssl_st* object) const;
  void operator()(x509_st* object) const;
};

template <class T>
using OpenSslPtr = std::unique_ptr<T, OpenSslDelete>;

/// The reason of the oldest error in this thread's OpenSSL error queue, which is the root cause;
/// empties the queue. "unknown error" when the queue is empty.
std::string take_openssl_error();

}  // namespace sluice::dtls
