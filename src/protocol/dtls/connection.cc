#include "protocol/dtls/connection.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "protocol/dtls/certificate.h"

namespace sluice::dtls {
namespace {

constexpr std::string_view kExporterLabel = "EXTRACTOR-dtls_srtp";  // RFC 5764 section 4.2

// Record and handshake message layout (RFC 6347 section 4.1, 4.2.2).
constexpr size_t kRecordHeaderBytes = 13;
constexpr uint8_t kAlertRecord = 21;
constexpr uint8_t kHandshakeRecord = 22;
constexpr uint8_t kClientHello = 1;
constexpr uint16_t kDtls12 = 0xfefd;

// What the ciphers add to a record at least: a tag (RFC 7905), or an explicit nonce and a tag
// (RFC 5288). The CBC suites add more.
constexpr size_t kChaChaBytes = 16;
constexpr size_t kGcmBytes = 8 + 16;

// Above every record number that a handshake reaches, so that no replay window refuses it.
constexpr uint32_t kLastPlainRecord = 0x7fffffff;

Connection& self(SSL* ssl) {
  return *static_cast<Connection*>(SSL_get_app_data(ssl));
}

}  // namespace

Connection::Connection(bool as_client, DatagramQueue& transmit,
                       const std::vector<Fingerprint>& remote_fingerprints)
    : as_client_(as_client),
      transmit_(transmit),
      remote_fingerprints_(remote_fingerprints),
      bio_(transmit, timer_) {}

Connection::~Connection() = default;

std::unique_ptr<Connection> Connection::create(
    const Context& context, bool as_client, DatagramQueue& transmit,
    const std::vector<Fingerprint>& remote_fingerprints) {
  std::unique_ptr<Connection> connection(new Connection(as_client, transmit, remote_fingerprints));
  SSL* ssl = SSL_new(context.native());
  connection->ssl_.reset(ssl);
  if (ssl == nullptr || !connection->bio_.attach(ssl)) {
    ERR_clear_error();
    return nullptr;
  }
  SSL_set_app_data(ssl, connection.get());
  DTLS_set_timer_cb(
      ssl, [](SSL* s, unsigned previous) { return self(s).timer_.interval_after(previous); });
  DTLS_set_link_mtu(ssl, kLinkMtu);
  if (as_client) {
    SSL_set_connect_state(ssl);
  } else {
    SSL_set_accept_state(ssl);
  }
  return connection;
}

void Connection::start(Micros now) {
  handshake();
  timer_.settle(ssl_.get(), now);
}

void Connection::receive(Bytes datagram, Micros now, DatagramQueue& received) {
  if (datagram.empty() || is_stray_client_hello(datagram) || has_impossible_record(datagram)) {
    return;
  }
  peer_heard_ = true;
  bio_.set_input(datagram);
  if (status_ == Status::kHandshaking) {
    handshake();
  }
  if (status_ == Status::kEstablished) {
    read_records(received);
  }
  bio_.set_input({});
  timer_.settle(ssl_.get(), now);
}

std::optional<Micros> Connection::next_timeout() const {
  return status_ == Status::kHandshaking ? timer_.deadline() : std::nullopt;
}

void Connection::on_timeout(Micros now) {
  if (status_ != Status::kHandshaking) {
    return;
  }
  if (timer_.repetitions() >= kRepetitionsBeforeSmallMtu) {
    DTLS_set_link_mtu(ssl_.get(), kSmallLinkMtu);
  }
  ERR_clear_error();
  if (timer_.expire(ssl_.get(), now) == RetransmitTimer::Expiry::kGaveUp) {
    status_ = Status::kFailed;
    error_ = "DTLS handshake timed out";
  }
}

void Connection::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    status_ = Status::kEstablished;
  } else {
    note_failure(result, "DTLS handshake failed: ");
  }
}

void Connection::read_records(DatagramQueue& received) {
  std::array<uint8_t, kMaxRecordBytes> buffer;
  for (;;) {
    ERR_clear_error();
    const int size = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (size <= 0) {
      note_failure(size, "DTLS failed: ");
      return;
    }
    received.push(Bytes(buffer).first(static_cast<size_t>(size)));
  }
}

void Connection::note_failure(int result, const char* what) {
  const int error = SSL_get_error(ssl_.get(), result);
  if ((SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0) {
    status_ = Status::kClosedByPeer;
    error_ = "the peer ended the DTLS connection: ";
    error_ += error == SSL_ERROR_ZERO_RETURN ? "close_notify" : take_openssl_error();
  } else if (error != SSL_ERROR_WANT_READ) {
    status_ = Status::kFailed;
    error_ = peer_rejected_ ? "the peer's certificate does not match the fingerprint it announced"
                            : what + take_openssl_error();
  }
}

bool Connection::send(Bytes data) {
  if (status_ != Status::kEstablished || data.empty() || data.size() > kMaxRecordBytes) {
    return false;
  }
  ERR_clear_error();
  return SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())) > 0;
}

void Connection::shut_down() {
  if (status_ == Status::kFailed) {
    return;  // the library has sent its alert
  }
  ERR_clear_error();
  if (SSL_in_init(ssl_.get()) == 0) {
    SSL_shutdown(ssl_.get());
  } else if (status_ == Status::kHandshaking && (as_client_ || peer_heard_)) {
    send_plain_close_notify();
  }
  status_ = Status::kFailed;
}

// The library refuses to close in the middle of a handshake, yet the peer should not have to wait
// for its own timeout.
void Connection::send_plain_close_notify() {
  std::array<uint8_t, kRecordHeaderBytes + 2> record;
  ByteWriter writer(record);
  writer.u8(kAlertRecord);
  writer.u16(kDtls12);
  writer.u16(0);  // epoch: not encrypted
  writer.u16(0);  // high bits of the record number
  writer.u32(kLastPlainRecord);
  writer.u16(2);
  writer.u8(SSL3_AL_WARNING);
  writer.u8(SSL_AD_CLOSE_NOTIFY);
  transmit_.push(record);
}

// After we turned from server to client (media-plane 3.4), repetitions of the peer's ClientHello
// may still arrive. The library would take one for a protocol error and give up.
bool Connection::is_stray_client_hello(Bytes datagram) const {
  return as_client_ && status_ == Status::kHandshaking && datagram.size() > kRecordHeaderBytes &&
         datagram[0] == kHandshakeRecord && load_be16(&datagram[3]) == 0 &&
         datagram[kRecordHeaderBytes] == kClientHello;
}

// A protected record that is too short to hold what its cipher adds cannot come from the peer. The
// library gives the whole connection up over one instead of dropping it (RFC 6347 section 4.1.2.7),
// so anybody who can forge the peer's address could end a call with one datagram.
bool Connection::has_impossible_record(Bytes datagram) const {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_.get());
  if (cipher == nullptr) {
    cipher = SSL_get_pending_cipher(ssl_.get());
  }
  const bool chacha =
      cipher != nullptr && SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305;
  const size_t least = chacha ? kChaChaBytes : kGcmBytes;
  while (datagram.size() >= kRecordHeaderBytes) {
    const size_t length = load_be16(&datagram[11]);
    if (load_be16(&datagram[3]) != 0 && length < least) {
      return true;
    }
    datagram = datagram.subspan(std::min(kRecordHeaderBytes + length, datagram.size()));
  }
  return false;
}

bool Connection::peer_matches(std::span<const Fingerprint> fingerprints) const {
  return matches(fingerprints, certificate_der(SSL_get0_peer_certificate(ssl_.get())));
}

std::string Connection::peer_certificate_pem() const {
  return certificate_pem(SSL_get0_peer_certificate(ssl_.get()));
}

std::optional<SrtpProfile> Connection::srtp_profile() const {
  const SRTP_PROTECTION_PROFILE* selected = SSL_get_selected_srtp_profile(ssl_.get());
  return selected == nullptr ? std::nullopt : srtp_profile_of(static_cast<uint16_t>(selected->id));
}

Result<SrtpKeys> Connection::export_srtp_keys() const {
  const std::optional<SrtpProfile> profile = srtp_profile();
  if (!profile) {
    return generic_error("no SRTP profile in common");
  }
  std::array<uint8_t, 2 * (SrtpSecret::kCapacity + SrtpSecret::kCapacity)> material;
  const size_t size = srtp_key_sizes(*profile).exported();
  ERR_clear_error();
  if (SSL_export_keying_material(ssl_.get(), material.data(), size, kExporterLabel.data(),
                                 kExporterLabel.size(), nullptr, 0, 0) != 1) {
    return generic_error("cannot export SRTP keys: " + take_openssl_error());
  }
  SrtpKeys keys = split_srtp_keys(*profile, Bytes(material).first(size), as_client_);
  OPENSSL_cleanse(material.data(), material.size());
  return keys;
}

int Connection::verify_peer(x509_store_ctx_st* store, void*) {
  SSL* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* connection = static_cast<Connection*>(SSL_get_app_data(ssl));
  X509_STORE_CTX_set_error(store, X509_V_OK);
  if (connection == nullptr || connection->remote_fingerprints_.empty()) {
    return 1;  // the fingerprint is not known yet; it is checked when it comes
  }
  if (matches(connection->remote_fingerprints_, certificate_der(X509_STORE_CTX_get0_cert(store)))) {
    return 1;
  }
  connection->peer_rejected_ = true;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

}  // namespace sluice::dtls
