// links: sluice_sctp
// State cookies: raw ones must be refused unless they are ours, and whatever ours say (a peer
// decides about half of it), COOKIE ECHO must leave the handshake in a sane state.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocol/sctp/handshake.h"

namespace {

using namespace sluice;
using namespace sluice::sctp;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

InitFields read_fields(ByteReader& input) {
  InitFields fields;
  fields.tag = input.u8();  // few values, so that tags meet
  fields.window = input.u32();
  fields.outgoing_streams = input.u16();
  fields.incoming_streams = input.u16();
  fields.initial_tsn = input.u32();
  return fields;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader input(Bytes(data, size));
  Identity identity{.tag = 1, .initial_tsn = 7};
  identity.cookie_key.fill(0x5A);
  Handshake handshake(
      identity,
      {.window = 100000, .outgoing_streams = 10, .incoming_streams = 10, .packet_size = 1191});
  std::vector<uint8_t> buffer(1191);
  Micros now = 100s;
  for (int steps = 0; steps < 64 && input.remaining() > 0; ++steps) {
    switch (input.u8() % 8) {
      case 0:
        if (handshake.state() == Handshake::State::kIdle) {
          handshake.start(now);
        }
        break;
      case 1: {  // as it comes
        const Bytes raw = input.bytes(std::min<size_t>(input.u8(), input.remaining()));
        const auto before = handshake.state();
        require(handshake.on_cookie_echo(raw, 1, now) == Handshake::CookieResult::kRefused);
        require(handshake.state() == before);
        break;
      }
      case 2:
      case 3: {  // one of ours, with contents as they come
        StateCookie cookie;
        cookie.created = now - Micros(input.u32());
        cookie.local = read_fields(input);
        cookie.peer = read_fields(input);
        cookie.local_tie_tag = input.u8();
        cookie.peer_tie_tag = input.u8();
        const auto wire = cookie.sign(identity.cookie_key);
        const auto opened = StateCookie::open(wire, identity.cookie_key);
        require(opened && opened->created == cookie.created &&
                opened->peer.initial_tsn == cookie.peer.initial_tsn);
        const auto result = handshake.on_cookie_echo(wire, cookie.local.tag, now);
        if (result != Handshake::CookieResult::kRefused) {
          require(handshake.state() == Handshake::State::kEstablished);
          require(handshake.local_tag() == cookie.local.tag);
          require(handshake.peer_tag() == cookie.peer.tag);
          require(!handshake.next_timeout());
        }
        break;
      }
      case 4: {
        const auto init = InitChunk::parse(input.bytes(std::min<size_t>(64, input.remaining())));
        if (init) {
          handshake.on_init(*init, now);
        }
        break;
      }
      case 5: {
        const auto init = InitChunk::parse(input.bytes(std::min<size_t>(64, input.remaining())));
        if (init) {
          handshake.on_init_ack(*init, now);
        }
        break;
      }
      case 6:
        now += Millis(input.u16());
        handshake.on_timeout(now);
        break;
      default:
        handshake.on_cookie_ack();
        handshake.on_stale_cookie(now);
        break;
    }
    int packets = 0;
    while (handshake.poll_transmit(buffer)) {
      require(++packets <= 2);
    }
  }
  return 0;
}
