#include "protocol/dtls/fingerprint.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sluice::dtls {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"sha-1", "sha-224", "sha-256", "sha-384",
                                                    "sha-512"};
constexpr std::array<size_t, 5> kSizes = {20, 28, 32, 48, 64};

constexpr size_t index(HashAlgorithm algorithm) {
  return static_cast<size_t>(algorithm);
}

const EVP_MD* digest_function(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return EVP_sha1();
    case HashAlgorithm::kSha224:
      return EVP_sha224();
    case HashAlgorithm::kSha256:
      return EVP_sha256();
    case HashAlgorithm::kSha384:
      return EVP_sha384();
    case HashAlgorithm::kSha512:
      break;
  }
  return EVP_sha512();
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<uint8_t>(c - '0');
  }
  if (c >= 'a' && c <= 'f') {
    return static_cast<uint8_t>(c - 'a' + 10);
  }
  if (c >= 'A' && c <= 'F') {
    return static_cast<uint8_t>(c - 'A' + 10);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(HashAlgorithm algorithm) {
  return kNames[index(algorithm)];
}

Result<HashAlgorithm> parse_hash_algorithm(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (equal_ignoring_case(name, kNames[i])) {
      return static_cast<HashAlgorithm>(i);
    }
  }
  return type_error("unknown fingerprint algorithm \"" + std::string(name.substr(0, 32)) +
                    "\" (expected sha-1, sha-224, sha-256, sha-384 or sha-512)");
}

size_t digest_size(HashAlgorithm algorithm) {
  return kSizes[index(algorithm)];
}

Result<Fingerprint> Fingerprint::parse(std::string_view algorithm, std::string_view value) {
  const Result<HashAlgorithm> parsed = parse_hash_algorithm(algorithm);
  if (!parsed) {
    return std::unexpected(parsed.error());
  }
  const size_t size = digest_size(*parsed);
  const auto malformed = [&] {
    return type_error("malformed " + std::string(to_string(*parsed)) + " fingerprint (expected " +
                      std::to_string(size) + " hexadecimal pairs separated by colons)");
  };
  if (value.size() != size * 3 - 1) {
    return malformed();
  }
  Fingerprint fingerprint{*parsed, {}};
  fingerprint.value.reserve(size);
  for (size_t i = 0; i < size; ++i) {
    const std::optional<uint8_t> high = hex_digit(value[i * 3]);
    const std::optional<uint8_t> low = hex_digit(value[i * 3 + 1]);
    const bool separated = i + 1 == size || value[i * 3 + 2] == ':';
    if (!high || !low || !separated) {
      return malformed();
    }
    fingerprint.value.push_back(static_cast<uint8_t>(*high << 4 | *low));
  }
  return fingerprint;
}

Fingerprint Fingerprint::of(HashAlgorithm algorithm, Bytes certificate_der) {
  Fingerprint fingerprint{algorithm, std::vector<uint8_t>(digest_size(algorithm))};
  if (EVP_Digest(certificate_der.data(), certificate_der.size(), fingerprint.value.data(), nullptr,
                 digest_function(algorithm), nullptr) != 1) {
    // Without the hash (a system policy may forbid one) nothing can match.
    fingerprint.value.clear();
  }
  return fingerprint;
}

std::string Fingerprint::text() const {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(value.size() * 3);
  for (const uint8_t byte : value) {
    if (!text.empty()) {
      text += ':';
    }
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

bool matches(std::span<const Fingerprint> announced, Bytes certificate_der) {
  if (announced.empty()) {
    return false;
  }
  const HashAlgorithm strongest =
      std::ranges::max(announced, {}, &Fingerprint::algorithm).algorithm;
  const Fingerprint actual = Fingerprint::of(strongest, certificate_der);
  if (actual.value.empty()) {
    return false;
  }
  bool found = false;
  for (const Fingerprint& candidate : announced) {
    if (candidate.algorithm == strongest && candidate.value.size() == actual.value.size()) {
      found |= CRYPTO_memcmp(candidate.value.data(), actual.value.data(), actual.value.size()) == 0;
    }
  }
  return found;
}

}  // namespace sluice::dtls
