// A transport on its loop, of whatever kind: an RtpSession, an SctpSession where wanted, and where
// their packets come from and go to, which is what the kinds differ in (decisions/009).
//
// Owned by a MediaLoop and used on that loop only. What is virtual here is called for commands and
// for batches of datagrams, never for a packet that is forwarded.
#pragma once

#include <optional>
#include <utility>

#include "base/types.h"
#include "media/loop_setup.h"
#include "media/rtp_session.h"
#include "media/sctp_session.h"
#include "media/stats.h"

namespace sluice::media {

class MediaLoop;

class LoopTransport {
 public:
  LoopTransport(const LoopTransport&) = delete;
  LoopTransport& operator=(const LoopTransport&) = delete;
  virtual ~LoopTransport() = default;

  /// Its producers and consumers, and everything about their media.
  RtpSession& session() { return session_; }
  /// Its data channels; null without SCTP.
  SctpSession* sctp() { return sctp_ ? &*sctp_ : nullptr; }
  [[nodiscard]] Handle handle() const { return handle_; }
  [[nodiscard]] TransportStats stats(Micros now);
  /// Stops media once the SRTP keys are used up, and tells the control thread, which closes.
  void watch_keys(Micros now);
  /// Gives back what it has of the loop; the object is destroyed next.
  virtual void close(Micros now) = 0;

 protected:
  LoopTransport(MediaLoop& loop, Handle handle,
                BitRate initial_outgoing = bwe::RateLimits::kDefaultInitial)
      : loop_(loop), handle_(handle), session_(loop, handle, initial_outgoing) {}

  MediaLoop& loop() { return loop_; }
  /// Before anything else, if at all.
  void enable_sctp(const sctp::Options& options, SctpSession::Carrier carrier) {
    sctp_.emplace(loop_, handle_, options, std::move(carrier));
  }

 private:
  /// Adds what only this kind counts.
  virtual void add_stats(TransportStats& /*stats*/) const {}

  MediaLoop& loop_;
  Handle handle_;
  RtpSession session_;
  std::optional<SctpSession> sctp_;
  bool keys_exhausted_ = false;  ///< and told
};

}  // namespace sluice::media
