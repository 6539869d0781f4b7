// One DTLS 1.2 handshake and the secured exchange after it, in one role, over OpenSSL: no socket,
// no clock, no rules of when to run. `Session` makes a new one when the role changes.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/types.h"
#include "protocol/dtls/context.h"
#include "protocol/dtls/datagram_bio.h"
#include "protocol/dtls/datagram_queue.h"
#include "protocol/dtls/fingerprint.h"
#include "protocol/dtls/retransmit_timer.h"
#include "protocol/dtls/srtp_keys.h"

namespace sluice::dtls {

class Connection {
 public:
  enum class Status {
    kHandshaking,
    kEstablished,
    kClosedByPeer,  ///< close_notify or a fatal alert came
    kFailed,        ///< we could not go on; see error()
  };

  /// Link MTU that handshake datagrams fit into, IP and UDP headers included (media-plane 3.2).
  static constexpr long kLinkMtu = 1350;
  /// The one used once a flight was repeated kRepetitionsBeforeSmallMtu times in vain: the path may
  /// swallow larger datagrams.
  static constexpr long kSmallLinkMtu = 1200;
  static constexpr int kRepetitionsBeforeSmallMtu = 2;
  /// Largest plaintext of one record (RFC 6347 section 4.1).
  static constexpr size_t kMaxRecordBytes = 16384;

  /// Datagrams to send go to `transmit`. The peer's certificate must match `remote_fingerprints`
  /// unless that is empty, when the caller has to call peer_matches() later. All three arguments
  /// must outlive the connection. Null when memory is short.
  static std::unique_ptr<Connection> create(const Context& context, bool as_client,
                                            DatagramQueue& transmit,
                                            const std::vector<Fingerprint>& remote_fingerprints);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// A client sends its first flight.
  void start(Micros now);
  /// Takes one datagram. Application data in it is appended to `received`, one entry per record.
  void receive(Bytes datagram, Micros now, DatagramQueue& received);
  [[nodiscard]] std::optional<Micros> next_timeout() const;
  void on_timeout(Micros now);

  /// False unless established and `data` has 1..kMaxRecordBytes bytes.
  bool send(Bytes data);
  /// Sends close_notify if there is a peer that may understand it. Only destruction may follow.
  void shut_down();

  [[nodiscard]] Status status() const { return status_; }
  /// Why status() is kFailed or kClosedByPeer, for a log line.
  [[nodiscard]] const std::string& error() const { return error_; }

  // Meaningful once established.
  [[nodiscard]] bool peer_matches(std::span<const Fingerprint> fingerprints) const;
  [[nodiscard]] std::string peer_certificate_pem() const;
  /// Nothing when the two sides have no profile in common.
  [[nodiscard]] std::optional<SrtpProfile> srtp_profile() const;
  Result<SrtpKeys> export_srtp_keys() const;

  /// For the library: whether the handshake may go on with the certificate it has received.
  static int verify_peer(x509_store_ctx_st* store, void*);

 private:
  Connection(bool as_client, DatagramQueue& transmit,
             const std::vector<Fingerprint>& remote_fingerprints);

  void handshake();
  void read_records(DatagramQueue& received);
  /// Turns the result of a library call that did not succeed into a status.
  void note_failure(int result, const char* what);
  [[nodiscard]] bool is_stray_client_hello(Bytes datagram) const;
  [[nodiscard]] bool has_impossible_record(Bytes datagram) const;
  void send_plain_close_notify();

  const bool as_client_;
  DatagramQueue& transmit_;
  const std::vector<Fingerprint>& remote_fingerprints_;
  Status status_ = Status::kHandshaking;
  std::string error_;
  bool peer_rejected_ = false;
  bool peer_heard_ = false;
  RetransmitTimer timer_;
  DatagramBio bio_;
  OpenSslPtr<ssl_st> ssl_;  // last: it uses the two above until it is gone
};

}  // namespace sluice::dtls
