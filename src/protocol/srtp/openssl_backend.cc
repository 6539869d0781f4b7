#include "protocol/srtp/openssl_backend.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "protocol/srtp/hmac_sha1.h"

namespace sluice::srtp {
namespace {

struct EvpContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

class EvpKey final : public CipherKey {
 public:
  EvpKey(Profile profile, const SessionKey& key, Direction direction)
      : CipherKey(is_aead(profile)), context_(EVP_CIPHER_CTX_new()), hmac_(key.auth.view()) {
    if (context_ &&
        EVP_CipherInit_ex(context_.get(), cipher_of(profile), nullptr, key.cipher.view().data(),
                          nullptr, direction == Direction::kSeal ? 1 : 0) != 1) {
      context_.reset();
    }
  }

  [[nodiscard]] bool ready() const { return context_ != nullptr; }
  [[nodiscard]] EVP_CIPHER_CTX* context() const { return context_.get(); }
  [[nodiscard]] const HmacSha1& hmac() const { return hmac_; }

  /// Starts a message: the key and the direction stay.
  [[nodiscard]] bool start(const Iv& iv) const {
    return EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data(), -1) == 1;
  }

  /// Feeds `in`; a null `out` means associated data. Nothing happens for an empty input.
  [[nodiscard]] bool feed(uint8_t* out, Bytes in) const {
    int written = 0;
    return in.empty() || EVP_CipherUpdate(context_.get(), out, &written, in.data(),
                                          static_cast<int>(in.size())) == 1;
  }

 private:
  static const EVP_CIPHER* cipher_of(Profile profile) {
    switch (profile) {
      case Profile::kAeadAes256Gcm:
        return EVP_aes_256_gcm();
      case Profile::kAeadAes128Gcm:
        return EVP_aes_128_gcm();
      case Profile::kAesCm128HmacSha1_80:
      case Profile::kAesCm128HmacSha1_32:
        break;
    }
    return EVP_aes_128_ctr();
  }

  std::unique_ptr<EVP_CIPHER_CTX, EvpContextFree> context_;
  HmacSha1 hmac_;
};

bool seal_gcm(const EvpKey& key, const SealJob& job) {
  uint8_t* out = job.packet + job.header_size;
  uint8_t* end = out + job.prefix.size() + job.text.size();
  int written = 0;
  return key.start(job.iv) && key.feed(nullptr, job.aad) && key.feed(out, job.prefix) &&
         key.feed(out + job.prefix.size(), job.text) &&
         EVP_CipherFinal_ex(key.context(), end, &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(key.context(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(job.tag_size),
                             job.tag) == 1;
}

bool seal_cm(const EvpKey& key, const SealJob& job) {
  uint8_t* out = job.packet + job.header_size;
  if (!key.start(job.iv) || !key.feed(out, job.prefix) ||
      !key.feed(out + job.prefix.size(), job.text)) {
    return false;
  }
  std::array<uint8_t, kSha1Size> digest;
  key.hmac().compute({job.packet, job.header_size + job.prefix.size() + job.text.size()},
                     job.trailer, digest);
  std::copy_n(digest.begin(), job.tag_size, job.tag);
  return true;
}

bool open_gcm(const EvpKey& key, const OpenJob& job) {
  int written = 0;
  // EVP takes the expected tag as a mutable pointer and only reads it.
  auto* tag = const_cast<uint8_t*>(job.tag.data());
  if (!key.start(job.iv) ||
      EVP_CIPHER_CTX_ctrl(key.context(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(job.tag.size()),
                          tag) != 1 ||
      !key.feed(nullptr, job.aad)) {
    return false;
  }
  if (key.feed(job.out, job.text) &&
      EVP_CipherFinal_ex(key.context(), job.out + job.text.size(), &written) == 1) {
    return true;
  }
  std::fill_n(job.out, job.text.size(), uint8_t{0});
  return false;
}

bool open_cm(const EvpKey& key, const OpenJob& job) {
  std::array<uint8_t, kSha1Size> digest;
  key.hmac().compute(job.authenticated, job.trailer, digest);
  return CRYPTO_memcmp(digest.data(), job.tag.data(), job.tag.size()) == 0 && key.start(job.iv) &&
         key.feed(job.out, job.text);
}

class OpenSslBackend final : public Backend {
 public:
  [[nodiscard]] const char* name() const override { return "openssl"; }

  [[nodiscard]] std::unique_ptr<CipherKey> expand(Profile profile, const SessionKey& key,
                                                  Direction direction) override {
    auto expanded = std::make_unique<EvpKey>(profile, key, direction);
    if (!expanded->ready()) {
      return nullptr;
    }
    return expanded;
  }

  void seal(std::span<SealJob> jobs) override {
    for (SealJob& job : jobs) {
      const auto& key = static_cast<const EvpKey&>(*job.key);
      job.ok = key.aead() ? seal_gcm(key, job) : seal_cm(key, job);
    }
  }

  [[nodiscard]] bool open(const OpenJob& job) override {
    const auto& key = static_cast<const EvpKey&>(*job.key);
    return key.aead() ? open_gcm(key, job) : open_cm(key, job);
  }
};

}  // namespace

std::unique_ptr<Backend> make_openssl_backend() {
  return std::make_unique<OpenSslBackend>();
}

}  // namespace sluice::srtp
