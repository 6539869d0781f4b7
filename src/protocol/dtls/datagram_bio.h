// What OpenSSL takes for its datagram socket: one received datagram at a time goes in, each write
// comes out as a datagram of its own. It also carries the library's word on its timer.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "protocol/dtls/datagram_queue.h"
#include "protocol/dtls/openssl_ptr.h"
#include "protocol/dtls/retransmit_timer.h"

namespace sluice::dtls {

class DatagramBio {
 public:
  /// `output` and `timer` must outlive this.
  DatagramBio(DatagramQueue& output, RetransmitTimer& timer) : output_(output), timer_(timer) {}
  DatagramBio(const DatagramBio&) = delete;
  DatagramBio& operator=(const DatagramBio&) = delete;

  /// Becomes both ends of `ssl`, and must outlive it. False when memory is short.
  bool attach(ssl_st* ssl);

  /// The datagram that the next read takes, once; none when empty. The bytes must stay until then
  /// or until the next call.
  void set_input(Bytes datagram) { input_ = datagram; }

  // For OpenSSL. read() takes the input, cut to the buffer's size as a socket would; nothing when
  // there is none.
  std::optional<size_t> read(MutableBytes buffer);
  void write(Bytes datagram) { output_.push(datagram); }
  long control(int command, void* argument);

 private:
  DatagramQueue& output_;
  RetransmitTimer& timer_;
  Bytes input_;
};

}  // namespace sluice::dtls
