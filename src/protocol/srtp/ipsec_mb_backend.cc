#include "protocol/srtp/ipsec_mb_backend.h"

#if defined(SLUICE_HAVE_IPSEC_MB)

// Leaves out the library's old short names, which collide with OpenSSL's.
#define NO_COMPAT_IMB_API_053
#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>

#include "protocol/srtp/hmac_sha1.h"

namespace sluice::srtp {
namespace {

/// From how many packets on the vector lanes beat hashing one after the other. Measured with
/// 1200-byte packets: 2711 ns for any lane count up to 16, against 701 ns each with SHA
/// instructions; without these a serial hash takes about twice as long.
constexpr size_t kLanesWithShaInstructions = 5;
constexpr size_t kLanesWithoutShaInstructions = 3;

struct ManagerFree {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};

class GcmKey final : public CipherKey {
 public:
  GcmKey(IMB_MGR& manager, Profile profile, const SessionKey& key) : CipherKey(true) {
    if (profile == Profile::kAeadAes256Gcm) {
      manager.gcm256_pre(key.cipher.view().data(), &data_);
      encrypt_ = manager.gcm256_enc;
      decrypt_ = manager.gcm256_dec;
    } else {
      manager.gcm128_pre(key.cipher.view().data(), &data_);
      encrypt_ = manager.gcm128_enc;
      decrypt_ = manager.gcm128_dec;
    }
  }
  ~GcmKey() override { wipe(&data_, sizeof(data_)); }

  void seal(const SealJob& job) const {
    uint8_t* out = job.packet + job.header_size;
    const uint8_t* in = out;
    // A copy and an encryption in place cost less (94 ns for 1200 bytes) than the library's
    // two-part update (112 ns).
    if (!job.prefix.empty()) {
      std::memcpy(out, job.prefix.data(), job.prefix.size());
      if (!job.text.empty()) {
        std::memcpy(out + job.prefix.size(), job.text.data(), job.text.size());
      }
    } else if (!job.text.empty()) {
      in = job.text.data();
    }
    gcm_context_data context;
    encrypt_(&data_, &context, out, in, job.prefix.size() + job.text.size(), job.iv.data(),
             job.aad.data(), job.aad.size(), job.tag, job.tag_size);
  }

  [[nodiscard]] bool open(const OpenJob& job) const {
    std::array<uint8_t, kMaxTagSize> tag;
    // Without text the library still wants valid pointers.
    const uint8_t* in = job.text.empty() ? job.out : job.text.data();
    gcm_context_data context;
    decrypt_(&data_, &context, job.out, in, job.text.size(), job.iv.data(), job.aad.data(),
             job.aad.size(), tag.data(), tag.size());
    if (CRYPTO_memcmp(tag.data(), job.tag.data(), job.tag.size()) == 0) {
      return true;
    }
    std::fill_n(job.out, job.text.size(), uint8_t{0});
    return false;
  }

 private:
  alignas(64) gcm_key_data data_;
  aes_gcm_enc_dec_t encrypt_;
  aes_gcm_enc_dec_t decrypt_;
};

class CmKey final : public CipherKey {
 public:
  CmKey(IMB_MGR& manager, const SessionKey& key) : CipherKey(false), hmac_(key.auth.view()) {
    alignas(16) std::array<uint8_t, kRoundKeysSize> decrypt_rounds;  // unused by counter mode
    manager.keyexp_128(key.cipher.view().data(), rounds_.data(), decrypt_rounds.data());
    wipe(decrypt_rounds.data(), decrypt_rounds.size());
  }
  ~CmKey() override { wipe(rounds_.data(), rounds_.size()); }

  [[nodiscard]] const uint8_t* rounds() const { return rounds_.data(); }
  [[nodiscard]] const HmacSha1& hmac() const { return hmac_; }

 private:
  /// AES-128 has the key itself and ten round keys.
  static constexpr size_t kRoundKeysSize = size_t{11} * 16;

  alignas(16) std::array<uint8_t, kRoundKeysSize> rounds_;
  HmacSha1 hmac_;
};

class IpsecMbBackend final : public Backend {
 public:
  explicit IpsecMbBackend(std::unique_ptr<IMB_MGR, ManagerFree> manager)
      : manager_(std::move(manager)),
        lanes_worthwhile_((manager_->features & IMB_FEATURE_SHANI) != 0
                              ? kLanesWithShaInstructions
                              : kLanesWithoutShaInstructions) {}

  [[nodiscard]] const char* name() const override { return "ipsec-mb"; }

  [[nodiscard]] std::unique_ptr<CipherKey> expand(Profile profile, const SessionKey& key,
                                                  Direction /*direction*/) override {
    if (is_aead(profile)) {
      return std::make_unique<GcmKey>(*manager_, profile, key);
    }
    return std::make_unique<CmKey>(*manager_, key);
  }

  void seal(std::span<SealJob> jobs) override {
    std::array<SealJob*, kBlockSize> batch;
    size_t count = 0;
    for (SealJob& job : jobs) {
      if (job.key->aead()) {
        static_cast<const GcmKey&>(*job.key).seal(job);
        job.ok = true;
        continue;
      }
      batch[count++] = &job;
      if (count == kBlockSize) {
        seal_cm(batch);
        count = 0;
      }
    }
    if (count > 0) {
      seal_cm(std::span(batch).first(count));
    }
  }

  [[nodiscard]] bool open(const OpenJob& job) override {
    if (job.key->aead()) {
      return static_cast<const GcmKey&>(*job.key).open(job);
    }
    const auto& key = static_cast<const CmKey&>(*job.key);
    std::array<uint8_t, kSha1Size> digest;
    key.hmac().compute(job.authenticated, job.trailer, digest);
    if (CRYPTO_memcmp(digest.data(), job.tag.data(), job.tag.size()) != 0) {
      return false;
    }
    if (job.text.empty()) {
      return true;
    }
    set_cipher(jobs_[0], key, job.iv, job.text, job.out);
    return run_cipher(1);
  }

 private:
  static void set_cipher(IMB_JOB& out, const CmKey& key, const Iv& iv, Bytes text, uint8_t* place) {
    out.cipher_mode = IMB_CIPHER_CNTR;
    out.cipher_direction = IMB_DIR_ENCRYPT;
    out.enc_keys = key.rounds();
    out.key_len_in_bytes = IMB_KEY_128_BYTES;
    out.src = text.data();
    out.dst = place;
    out.cipher_start_src_offset_in_bytes = 0;
    out.msg_len_to_cipher_in_bytes = text.size();
    out.iv = iv.data();
    out.iv_len_in_bytes = iv.size();
  }

  [[nodiscard]] bool run_cipher(uint32_t count) {
    return IMB_SUBMIT_CIPHER_BURST(manager_.get(), jobs_.data(), count, IMB_CIPHER_CNTR,
                                   IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES) == count;
  }

  void seal_cm(std::span<SealJob*> batch) {
    const bool ok = encrypt(batch) && (batch.size() >= lanes_worthwhile_ ? hash_in_lanes(batch)
                                                                         : hash_serially(batch));
    for (SealJob* job : batch) {
      job->ok = ok;
    }
  }

  [[nodiscard]] bool encrypt(std::span<SealJob*> batch) {
    uint32_t count = 0;
    for (const SealJob* job : batch) {
      uint8_t* out = job->packet + job->header_size;
      Bytes text = job->text;
      if (!job->prefix.empty()) {
        std::memcpy(out, job->prefix.data(), job->prefix.size());
        if (!text.empty()) {
          std::memcpy(out + job->prefix.size(), text.data(), text.size());
        }
        text = {out, job->prefix.size() + text.size()};
      }
      if (!text.empty()) {
        set_cipher(jobs_[count++], static_cast<const CmKey&>(*job->key), job->iv, text, out);
      }
    }
    return count == 0 || run_cipher(count);
  }

  static size_t authenticated_size(const SealJob& job) {
    return job.header_size + job.prefix.size() + job.text.size();
  }

  [[nodiscard]] static bool hash_serially(std::span<SealJob*> batch) {
    std::array<uint8_t, kSha1Size> digest;
    for (const SealJob* job : batch) {
      const auto& key = static_cast<const CmKey&>(*job->key);
      key.hmac().compute({job->packet, authenticated_size(*job)}, job->trailer, digest);
      std::memcpy(job->tag, digest.data(), job->tag_size);
    }
    return true;
  }

  [[nodiscard]] bool hash_in_lanes(std::span<SealJob*> batch) {
    for (size_t i = 0; i < batch.size(); ++i) {
      const SealJob& job = *batch[i];
      const HmacSha1& hmac = static_cast<const CmKey&>(*job.key).hmac();
      const size_t size = authenticated_size(job);
      // The lanes hash one range only: the trailer stands where the tag will go.
      std::memcpy(job.packet + size, job.trailer.data(), job.trailer.size());
      IMB_JOB& out = jobs_[i];
      out.hash_alg = IMB_AUTH_HMAC_SHA_1;
      out.src = job.packet;
      out.hash_start_src_offset_in_bytes = 0;
      out.msg_len_to_hash_in_bytes = size + job.trailer.size();
      out.auth_tag_output = digests_[i].data();
      out.auth_tag_output_len_in_bytes = kSha1Size;
      out.u.HMAC._hashed_auth_key_xor_ipad = reinterpret_cast<const uint8_t*>(hmac.inner());
      out.u.HMAC._hashed_auth_key_xor_opad = reinterpret_cast<const uint8_t*>(hmac.outer());
    }
    const auto count = static_cast<uint32_t>(batch.size());
    if (IMB_SUBMIT_HASH_BURST(manager_.get(), jobs_.data(), count, IMB_AUTH_HMAC_SHA_1) != count) {
      return false;
    }
    for (size_t i = 0; i < batch.size(); ++i) {
      std::memcpy(batch[i]->tag, digests_[i].data(), batch[i]->tag_size);
    }
    return true;
  }

  std::unique_ptr<IMB_MGR, ManagerFree> manager_;
  size_t lanes_worthwhile_;
  std::array<IMB_JOB, kBlockSize> jobs_{};
  std::array<std::array<uint8_t, kSha1Size>, kBlockSize> digests_{};
};

}  // namespace

std::unique_ptr<Backend> make_ipsec_mb_backend() {
  std::unique_ptr<IMB_MGR, ManagerFree> manager(alloc_mb_mgr(0));
  if (!manager) {
    return nullptr;
  }
  IMB_ARCH arch = IMB_ARCH_NONE;
  init_mb_mgr_auto(manager.get(), &arch);
  constexpr uint64_t kNeeded = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
  const uint64_t features = manager->features;
  const bool self_test_failed =
      (features & IMB_FEATURE_SELF_TEST) != 0 && (features & IMB_FEATURE_SELF_TEST_PASS) == 0;
  if (imb_get_errno(manager.get()) != 0 || arch < IMB_ARCH_SSE || (features & kNeeded) != kNeeded ||
      self_test_failed) {
    return nullptr;
  }
  return std::make_unique<IpsecMbBackend>(std::move(manager));
}

}  // namespace sluice::srtp

#else

namespace sluice::srtp {

std::unique_ptr<Backend> make_ipsec_mb_backend() {
  return nullptr;
}

}  // namespace sluice::srtp

#endif
