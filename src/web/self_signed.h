// Self-signed certificates, for servers that must speak TLS before anyone has given them one.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"

namespace sluice::web {

struct SelfSignedOptions {
  std::string common_name = "localhost";
  /// Subject alternative names: host names and IP literals. The common name is always among them.
  std::vector<std::string> names = {};
  /// A year: browsers refuse certificates of more than 398 days.
  std::chrono::days validity{365};
};

struct SelfSigned {
  std::string certificate_pem;
  std::string private_key_pem;  ///< PKCS #8
  std::string fingerprint;      ///< sha-256 of the certificate, `AB:CD:...`
};

/// A P-256 key and a certificate for it, valid from a day ago (clocks differ).
Result<SelfSigned> make_self_signed(const SelfSignedOptions& options = {});

/// Writes both files, the key readable by its owner only. Existing files are replaced.
Result<void> write_pem_files(const SelfSigned& identity, const std::string& certificate_path,
                             const std::string& key_path);

/// The sha-256 fingerprint of the first certificate in a PEM text, `AB:CD:...`.
Result<std::string> certificate_fingerprint(const std::string& pem);

}  // namespace sluice::web
