#include "protocol/stun/integrity_key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstdlib>

#include "protocol/stun/message.h"

namespace sluice::stun {
namespace {

constexpr size_t kAttributeSize = 4 + IntegrityKey::kTagSize;

/// Fails only when memory is exhausted or the library is broken; no message can cause it.
void require(bool success) {
  if (!success) {
    std::abort();
  }
}

EVP_MAC* hmac() {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return mac;
}

}  // namespace

void IntegrityKey::Release::operator()(evp_mac_ctx_st* context) const {
  EVP_MAC_CTX_free(context);
}

IntegrityKey::IntegrityKey(std::string_view password) : context_(EVP_MAC_CTX_new(hmac())) {
  char digest[] = "SHA1";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  // A null key would mean "keep the key"; an empty password must still be a key.
  const char* key = password.empty() ? "" : password.data();
  require(context_ != nullptr &&
          EVP_MAC_init(context_.get(), reinterpret_cast<const unsigned char*>(key), password.size(),
                       parameters) == 1);
}

IntegrityKey::Tag IntegrityKey::sign(Bytes head) {
  std::array<uint8_t, 2> length;
  store_be16(length.data(), static_cast<uint16_t>(head.size() - kHeaderSize + kAttributeSize));
  const Bytes rest = head.subspan(4);
  Tag tag;
  size_t written = 0;
  require(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
          EVP_MAC_update(context_.get(), head.data(), 2) == 1 &&
          EVP_MAC_update(context_.get(), length.data(), length.size()) == 1 &&
          EVP_MAC_update(context_.get(), rest.data(), rest.size()) == 1 &&
          EVP_MAC_final(context_.get(), tag.data(), &written, tag.size()) == 1 &&
          written == tag.size());
  return tag;
}

}  // namespace sluice::stun
