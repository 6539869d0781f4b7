// The settings that all DTLS sessions of one certificate share (media-plane 3.2): protocol version,
// cipher suites, SRTP profiles. Immutable after creation, so sessions on several threads share one.
#pragma once

#include <memory>
#include <vector>

#include "base/error.h"
#include "protocol/dtls/certificate.h"
#include "protocol/dtls/srtp_keys.h"

namespace sluice::dtls {

struct ContextOptions {
  /// Offered as client and accepted as server in this order of preference. AES-128-GCM comes first
  /// because it costs least per packet (media-plane 3.2). With none, every handshake ends in
  /// failure.
  std::vector<SrtpProfile> srtp_profiles = {
      SrtpProfile::kAeadAes128Gcm,
      SrtpProfile::kAeadAes256Gcm,
      SrtpProfile::kAes128CmSha1_80,
      SrtpProfile::kAes128CmSha1_32,
  };
  /// Whether a peer may be known by a SHA-1 fingerprint only. On for old endpoints.
  bool accept_sha1 = true;
};

class Context {
 public:
  /// Errors when the library refuses the certificate (e.g. an RSA key under 2048 bits) or the
  /// settings.
  static Result<std::shared_ptr<const Context>> create(Certificate certificate,
                                                       ContextOptions options = {});

  [[nodiscard]] const Certificate& certificate() const { return certificate_; }
  [[nodiscard]] const ContextOptions& options() const { return options_; }
  [[nodiscard]] ssl_ctx_st* native() const { return ssl_context_.get(); }

 private:
  Context(Certificate certificate, ContextOptions options, OpenSslPtr<ssl_ctx_st> ssl_context);

  Certificate certificate_;
  ContextOptions options_;
  OpenSslPtr<ssl_ctx_st> ssl_context_;
};

}  // namespace sluice::dtls
