// The cipher interface below the packet transforms, and the choice of its implementation. A back
// end knows keys, IVs and byte ranges; what an index, a header or an SSRC is, it does not know.
//
// Two implementations exist: intel-ipsec-mb (x86-64, vector instructions chosen at run time) and
// OpenSSL EVP. A back end belongs to one thread; it must outlive the contexts made with it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "protocol/srtp/key_derivation.h"
#include "protocol/srtp/profile.h"

namespace sluice::srtp {

/// An initialisation vector: 12 bytes under GCM, 16 under AES-CM.
using Iv = std::array<uint8_t, 16>;

enum class Direction : uint8_t { kSeal, kOpen };

/// A session key in the form that its back end works with. Wiped on destruction.
class CipherKey {
 public:
  explicit CipherKey(bool aead) : aead_(aead) {}
  CipherKey(const CipherKey&) = delete;
  CipherKey& operator=(const CipherKey&) = delete;
  virtual ~CipherKey() = default;

  [[nodiscard]] bool aead() const { return aead_; }

 private:
  bool aead_;
};

/// Encrypts and authenticates one packet. `header_size` clear bytes stand at `packet`; the
/// ciphertext of prefix and text goes right behind them.
struct SealJob {
  const CipherKey* key = nullptr;
  Iv iv{};
  /// GCM only: associated data.
  Bytes aad;
  uint8_t* packet = nullptr;
  size_t header_size = 0;
  /// Encrypted in front of the text, as if both were contiguous. At most 16 bytes.
  Bytes prefix;
  /// May be the place of the ciphertext itself when there is no prefix; no other overlap.
  Bytes text;
  /// AES-CM only: four bytes that are authenticated after the ciphertext (ROC or SRTCP index). The
  /// four bytes after the ciphertext are scratch until the tag is written.
  std::array<uint8_t, 4> trailer{};
  /// Where the tag goes.
  uint8_t* tag = nullptr;
  size_t tag_size = 0;
  /// Result; false only when the cipher library fails.
  bool ok = false;
};

/// Verifies and decrypts one packet.
struct OpenJob {
  const CipherKey* key = nullptr;
  Iv iv{};
  /// GCM only: associated data.
  Bytes aad;
  /// AES-CM only: the bytes that are authenticated, followed by `trailer`. Ends with `text`.
  Bytes authenticated;
  std::array<uint8_t, 4> trailer{};
  Bytes text;
  /// Where the plaintext of `text` goes; may be equal to its place.
  uint8_t* out = nullptr;
  Bytes tag;
};

/// The cipher interface.
class Backend {
 public:
  /// Jobs per call of `seal` that a back end handles best: two fills of the widest vector lanes.
  static constexpr size_t kBlockSize = 32;
  using Block = std::array<SealJob, kBlockSize>;

  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  [[nodiscard]] virtual const char* name() const = 0;

  /// Prepares a session key for one direction. Null when the cipher library fails.
  [[nodiscard]] virtual std::unique_ptr<CipherKey> expand(Profile profile, const SessionKey& key,
                                                          Direction direction) = 0;

  /// Seals all jobs; keys and profiles may be mixed. Allocates nothing.
  virtual void seal(std::span<SealJob> jobs) = 0;

  /// Room to write jobs in; kept between calls because clearing it for each would cost as much as
  /// a short packet.
  [[nodiscard]] Block& block() { return block_; }

  /// True when the tag is right; `out` then holds the plaintext. On false the bytes at `out` are
  /// zero or untouched, never unauthenticated plaintext. Allocates nothing.
  [[nodiscard]] virtual bool open(const OpenJob& job) = 0;

 private:
  Block block_;
};

enum class BackendKind : uint8_t {
  kBest,     ///< ipsec-mb when it is compiled in and the processor has AES instructions
  kIpsecMb,  ///< intel-ipsec-mb
  kOpenSsl,  ///< OpenSSL EVP
};

/// A back end for the calling thread. Null only for `kIpsecMb` where that cannot run.
std::unique_ptr<Backend> make_backend(BackendKind kind = BackendKind::kBest);

}  // namespace sluice::srtp
