// OpenSSL 3 marks the plain SHA-1 functions as deprecated in favour of EVP. EVP_MAC copies its
// digest context on every message, which allocates; the plain functions work on a struct on the
// stack and are faster on short packets.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "protocol/srtp/hmac_sha1.h"

#include <openssl/sha.h>

#include <algorithm>

#include "protocol/srtp/secret.h"

namespace sluice::srtp {
namespace {

constexpr size_t kBlockSize = 64;

std::array<uint32_t, 5> hash_pad(Bytes key, uint8_t pad) {
  std::array<uint8_t, kBlockSize> block;
  block.fill(pad);
  for (size_t i = 0; i < std::min(key.size(), kBlockSize); ++i) {
    block[i] ^= key[i];
  }
  SHA_CTX state;
  SHA1_Init(&state);
  SHA1_Transform(&state, block.data());
  const std::array<uint32_t, 5> words = {state.h0, state.h1, state.h2, state.h3, state.h4};
  wipe(block.data(), block.size());
  wipe(&state, sizeof(state));
  return words;
}

/// Continues after one block, which was the pad. The data buffer needs no initial value: the first
/// `num` = 0 bytes of it are in use.
void resume(SHA_CTX& state, const std::array<uint32_t, 5>& words) {
  state.h0 = words[0];
  state.h1 = words[1];
  state.h2 = words[2];
  state.h3 = words[3];
  state.h4 = words[4];
  state.Nl = kBlockSize * 8;
  state.Nh = 0;
  state.num = 0;
}

}  // namespace

HmacSha1::HmacSha1(Bytes key) : inner_(hash_pad(key, 0x36)), outer_(hash_pad(key, 0x5c)) {}

HmacSha1::~HmacSha1() {
  wipe(inner_.data(), sizeof(inner_));
  wipe(outer_.data(), sizeof(outer_));
}

void HmacSha1::compute(Bytes message, Bytes trailer, std::span<uint8_t, kSha1Size> digest) const {
  SHA_CTX state;
  resume(state, inner_);
  SHA1_Update(&state, message.data(), message.size());
  SHA1_Update(&state, trailer.data(), trailer.size());
  SHA1_Final(digest.data(), &state);
  resume(state, outer_);
  SHA1_Update(&state, digest.data(), digest.size());
  SHA1_Final(digest.data(), &state);
}

}  // namespace sluice::srtp
