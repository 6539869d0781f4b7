#include "protocol/ice/tuple.h"

#include "protocol/ice/hashing.h"

namespace sluice::ice {
namespace {

uint64_t mix_address(uint64_t hash, const IpAddress& ip) {
  const Bytes raw = ip.bytes();
  if (ip.is_v4()) {
    return mix_hash(hash, load_be32(raw.data()));
  }
  return mix_hash(mix_hash(hash, load_be64(raw.data())), load_be64(&raw[8]));
}

}  // namespace

const char* to_string(Protocol protocol) {
  return protocol == Protocol::kUdp ? "udp" : "tcp";
}

uint64_t hash_value(const Tuple& tuple, uint64_t seed) {
  const uint64_t ports =
      uint64_t{tuple.remote.port} << 48 | uint64_t{tuple.local.port} << 32 | tuple.connection;
  uint64_t hash = mix_hash(seed, ports);
  hash = mix_address(hash, tuple.remote.ip);
  hash = mix_address(hash, tuple.local.ip);
  return mix_hash(hash, uint64_t{tuple.socket} << 1 | static_cast<uint64_t>(tuple.protocol));
}

}  // namespace sluice::ice
