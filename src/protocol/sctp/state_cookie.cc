#include "protocol/sctp/state_cookie.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdlib>

namespace sluice::sctp {
namespace {

constexpr uint64_t kMagic = 0x534C554943453031;  // names the layout; change it with the layout
constexpr size_t kTagSize = 32;
constexpr size_t kBodySize = StateCookie::kSize - kTagSize;
constexpr uint32_t kForwardTsnBit = 1;
constexpr uint32_t kReconfigBit = 2;

std::array<uint8_t, kTagSize> authenticate(Bytes body, const CookieKey& key) {
  std::array<uint8_t, kTagSize> tag;
  unsigned size = 0;
  // Fails only when memory is exhausted; no cookie can cause it.
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), body.data(), body.size(),
           tag.data(), &size) == nullptr ||
      size != tag.size()) {
    std::abort();
  }
  return tag;
}

void write_fields(ByteWriter& out, const InitFields& fields) {
  out.u32(fields.tag);
  out.u32(fields.window);
  out.u16(fields.outgoing_streams);
  out.u16(fields.incoming_streams);
  out.u32(fields.initial_tsn);
}

InitFields read_fields(ByteReader& in) {
  InitFields fields;
  fields.tag = in.u32();
  fields.window = in.u32();
  fields.outgoing_streams = in.u16();
  fields.incoming_streams = in.u16();
  fields.initial_tsn = in.u32();
  return fields;
}

}  // namespace

StateCookie::Wire StateCookie::sign(const CookieKey& key) const {
  Wire wire;
  ByteWriter out(wire);
  out.u64(kMagic);
  out.u64(static_cast<uint64_t>(created.count()));
  write_fields(out, local);
  write_fields(out, peer);
  out.u32((peer_extensions.forward_tsn ? kForwardTsnBit : 0) |
          (peer_extensions.reconfig ? kReconfigBit : 0));
  out.u32(local_tie_tag);
  out.u32(peer_tie_tag);
  out.bytes(authenticate(Bytes(wire).first(kBodySize), key));
  return wire;
}

std::expected<StateCookie, StateCookie::Error> StateCookie::open(Bytes wire, const CookieKey& key) {
  if (wire.size() != kSize) {
    return std::unexpected(Error::kMalformed);
  }
  ByteReader in(wire.first(kBodySize));
  if (in.u64() != kMagic) {
    return std::unexpected(Error::kMalformed);
  }
  const auto expected = authenticate(wire.first(kBodySize), key);
  if (CRYPTO_memcmp(expected.data(), &wire[kBodySize], kTagSize) != 0) {
    return std::unexpected(Error::kUnauthentic);
  }
  StateCookie cookie;
  cookie.created = Micros(static_cast<int64_t>(in.u64()));
  cookie.local = read_fields(in);
  cookie.peer = read_fields(in);
  const uint32_t bits = in.u32();
  cookie.peer_extensions = {.forward_tsn = (bits & kForwardTsnBit) != 0,
                            .reconfig = (bits & kReconfigBit) != 0};
  cookie.local_tie_tag = in.u32();
  cookie.peer_tie_tag = in.u32();
  return cookie;
}

}  // namespace sluice::sctp
