#include "protocol/sctp/handshake.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/sctp/error_cause.h"
#include "protocol/sctp/rto.h"

namespace sluice::sctp {
namespace {

// A peer that finds every cookie stale has a broken clock.
constexpr int kMaxStaleCookies = 3;

// Room for parameters of the peer that are reported back to it.
constexpr size_t kMaxUnrecognized = 256;

bool has_streams(const InitFields& fields) {
  return fields.outgoing_streams > 0 && fields.incoming_streams > 0;
}

}  // namespace

uint16_t Handshake::Peering::outgoing_streams() const {
  return std::min(local.outgoing_streams, peer.incoming_streams);
}

uint16_t Handshake::Peering::incoming_streams() const {
  return std::min(local.incoming_streams, peer.outgoing_streams);
}

Handshake::Handshake(const Identity& identity, const Setup& setup)
    : cookie_key_(identity.cookie_key), packet_size_(setup.packet_size) {
  peering_.local = {.tag = identity.tag,
                    .window = setup.window,
                    .outgoing_streams = setup.outgoing_streams,
                    .incoming_streams = setup.incoming_streams,
                    .initial_tsn = identity.initial_tsn};
}

void Handshake::start(Micros now) {
  init_sent_ = now;
  enter(State::kCookieWait, now);
}

void Handshake::enter(State state, Micros now) {
  state_ = state;
  send_due_ = state == State::kCookieWait || state == State::kCookieEchoed;
  retransmits_ = 0;
  t1_interval_ = Rto::kInitial;
  t1_ = send_due_ ? std::optional(now + t1_interval_) : std::nullopt;
}

void Handshake::fail(std::string reason) {
  state_ = State::kFailed;
  failure_ = std::move(reason);
  send_due_ = false;
  t1_.reset();
}

void Handshake::reply(uint32_t tag, uint8_t type, std::vector<uint8_t> value) {
  reply_ = Reply{.tag = tag, .type = type, .value = std::move(value)};
}

void Handshake::on_init(const InitChunk& init, Micros now) {
  if (state_ == State::kIdle || state_ == State::kFailed || init.fields.tag == 0) {
    return;
  }
  if (!has_streams(init.fields)) {
    reply(init.fields.tag, chunk::kAbort, error_cause(cause::kInvalidParameter));
    return;
  }
  if (init.host_name) {
    reply(init.fields.tag, chunk::kAbort, error_cause(cause::kUnresolvableAddress));
    return;
  }
  StateCookie cookie{.created = now,
                     .local = peering_.local,
                     .peer = init.fields,
                     .peer_extensions = init.extensions};
  if (state_ == State::kEstablished) {
    // Perhaps a restart. What we have goes on until the cookie comes back.
    cookie.local.tag = generate_tag();
    cookie.local.initial_tsn = generate_tsn();
  }
  if (state_ != State::kCookieWait) {
    cookie.local_tie_tag = peering_.local.tag;
    cookie.peer_tie_tag = peering_.peer.tag;
  }
  reply(init.fields.tag, chunk::kInitAck,
        init_value(cookie.local, cookie.sign(cookie_key_),
                   std::span(init.unrecognized).first(init.unrecognized_count)));
}

void Handshake::on_init_ack(const InitChunk& init, Micros now) {
  if (state_ != State::kCookieWait) {
    return;
  }
  if (init.fields.tag == 0) {
    fail("the peer answered with the verification tag 0");
    return;
  }
  if (!has_streams(init.fields)) {
    reply(init.fields.tag, chunk::kAbort, error_cause(cause::kInvalidParameter));
    fail("the peer offers no streams");
    return;
  }
  if (init.cookie.empty() ||
      kCommonHeaderSize + kRecordHeaderSize + padded(init.cookie.size()) > packet_size_) {
    // One missing parameter: the cookie.
    static constexpr std::array<uint8_t, 6> kMissing = {0, 0, 0, 1, 0, parameter::kStateCookie};
    reply(init.fields.tag, chunk::kAbort, error_cause(cause::kMissingParameter, kMissing));
    fail(init.cookie.empty() ? "the peer sent no cookie" : "the peer's cookie is too large");
    return;
  }
  peering_.peer = init.fields;
  peering_.extensions = init.extensions;
  cookie_.assign(init.cookie.begin(), init.cookie.end());
  unrecognized_.clear();
  for (size_t i = 0; i < init.unrecognized_count; ++i) {
    const Bytes parameter = init.unrecognized[i];
    if (unrecognized_.size() + parameter.size() <= kMaxUnrecognized) {
      unrecognized_.resize(padded(unrecognized_.size()));
      unrecognized_.insert(unrecognized_.end(), parameter.begin(), parameter.end());
    }
  }
  if (retransmits_ == 0) {
    rtt_ = now - init_sent_;
  }
  enter(State::kCookieEchoed, now);
}

void Handshake::adopt(const StateCookie& cookie) {
  peering_ = {.local = cookie.local, .peer = cookie.peer, .extensions = cookie.peer_extensions};
}

Handshake::CookieResult Handshake::on_cookie_echo(Bytes wire, uint32_t tag, Micros now) {
  const auto cookie = StateCookie::open(wire, cookie_key_);
  if (state_ == State::kIdle || state_ == State::kFailed || !cookie || cookie->local.tag != tag) {
    ++bad_cookies_;
    return CookieResult::kRefused;
  }
  const bool established = state_ == State::kEstablished;
  const bool local_matches = cookie->local.tag == peering_.local.tag;
  const bool peer_matches = state_ != State::kCookieWait && cookie->peer.tag == peering_.peer.tag;
  // Table 12 of RFC 9260, row D: this association, so the age does not matter.
  if (local_matches && peer_matches) {
    enter(State::kEstablished, now);
    return established ? CookieResult::kConfirmed : CookieResult::kEstablished;
  }
  // Row B, both ends have begun; row A, the peer has restarted. All others are strangers, or late.
  const bool restart = !local_matches && !peer_matches && established &&
                       cookie->local_tie_tag == peering_.local.tag &&
                       cookie->peer_tie_tag == peering_.peer.tag;
  if (!local_matches && !restart) {
    return CookieResult::kRefused;
  }
  const Micros age = now - cookie->created;
  if (age > kCookieLifetime) {
    const auto staleness = std::min<int64_t>((age - kCookieLifetime).count(), UINT32_MAX);
    reply(cookie->peer.tag, chunk::kError,
          error_cause_u32(cause::kStaleCookie, static_cast<uint32_t>(staleness)));
    return CookieResult::kRefused;
  }
  adopt(*cookie);
  enter(State::kEstablished, now);
  return established ? CookieResult::kRestarted : CookieResult::kEstablished;
}

bool Handshake::on_cookie_ack() {
  if (state_ != State::kCookieEchoed) {
    return false;
  }
  state_ = State::kEstablished;
  send_due_ = false;
  t1_.reset();
  return true;
}

void Handshake::on_stale_cookie(Micros now) {
  if (state_ != State::kCookieEchoed) {
    return;
  }
  if (++stale_cookies_ > kMaxStaleCookies) {
    fail("the peer finds every cookie stale");
    return;
  }
  init_sent_ = now;
  enter(State::kCookieWait, now);
}

void Handshake::on_timeout(Micros now) {
  if (!t1_ || now < *t1_) {
    return;
  }
  if (retransmits_ >= kMaxRetransmits) {
    fail("no answer from the peer");
    return;
  }
  ++retransmits_;
  t1_interval_ = std::min(2 * t1_interval_, Rto::kMax);
  t1_ = now + t1_interval_;
  send_due_ = true;
}

bool Handshake::write(PacketBuilder& packet) {
  if (state_ == State::kCookieWait) {
    return packet.add(chunk::kInit, 0, init_value(peering_.local));
  }
  const bool written = packet.add(chunk::kCookieEcho, 0, cookie_);
  if (written && !unrecognized_.empty()) {
    packet.add(chunk::kError, 0, error_cause(cause::kUnrecognizedParameters, unrecognized_));
  }
  return written;
}

std::optional<Bytes> Handshake::poll_transmit(MutableBytes buffer) {
  if (reply_) {
    PacketBuilder packet(buffer, reply_->tag);
    const bool written = packet.add(reply_->type, 0, reply_->value);
    reply_.reset();
    if (written) {
      return packet.finish();
    }
  }
  if (send_due_) {
    send_due_ = false;
    PacketBuilder packet(buffer, state_ == State::kCookieWait ? 0 : peering_.peer.tag);
    if (write(packet)) {
      return packet.finish();
    }
  }
  return std::nullopt;
}

}  // namespace sluice::sctp
