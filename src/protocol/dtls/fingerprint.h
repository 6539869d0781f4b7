// Certificate fingerprints: the hash of a DER certificate that the peers exchange in signalling
// (RFC 8122 section 5). They are the only thing that ties a DTLS peer to the one we talked to.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace sluice::dtls {

/// The hash functions that WebRTC endpoints use, weakest first: the order is the order of strength.
enum class HashAlgorithm : uint8_t { kSha1, kSha224, kSha256, kSha384, kSha512 };

/// The name as in SDP and in dtlsParameters, e.g. "sha-256".
std::string_view to_string(HashAlgorithm algorithm);

/// Any letter case (SDP tokens do not tell them apart). A type error for an unknown name.
Result<HashAlgorithm> parse_hash_algorithm(std::string_view name);

/// Length of the hash in bytes.
size_t digest_size(HashAlgorithm algorithm);

struct Fingerprint {
  HashAlgorithm algorithm = HashAlgorithm::kSha256;
  std::vector<uint8_t> value;

  /// Reads e.g. ("sha-256", "AA:0b:..."): pairs of hexadecimal digits in any case, separated by
  /// colons, as many as the hash has bytes. Type errors for anything else.
  static Result<Fingerprint> parse(std::string_view algorithm, std::string_view value);

  /// Hashes a certificate in DER form.
  static Fingerprint of(HashAlgorithm algorithm, Bytes certificate_der);

  /// The value as upper-case pairs separated by colons.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// True when the certificate has one of those `announced` fingerprints that use the strongest
/// algorithm announced; weaker ones do not count (RFC 8122 section 5). Compares in constant time.
bool matches(std::span<const Fingerprint> announced, Bytes certificate_der);

}  // namespace sluice::dtls
