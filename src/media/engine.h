// The media engine as the control thread sees it: a set of media loops, and the routers that live
// on them. Everything here is called on the control thread only; what happens on the loops comes
// back through `Executor` and surfaces as signals of the object concerned (docs/architecture.md).
//
// Negotiation is answered on the control thread itself, which knows every parameter in use, so
// creation calls return at once; the loops are told by commands in the same order. Only what the
// loops count (statistics) is asynchronous.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "base/socket_address.h"
#include "media/object_ids.h"
#include "media/settings.h"
#include "protocol/ortc/rtp_parameters.h"
#include "protocol/ortc/transport_parameters.h"

namespace sluice::media {

class Router;
class LoopPool;

/// Runs a function on the control thread, soon, in order; callable from any thread.
using Executor = std::function<void(std::move_only_function<void()>)>;

/// Load of one loop, for placement, metrics and the dashboard.
struct LoopLoad {
  unsigned index = 0;
  uint16_t port = 0;
  uint32_t transports = 0;
  uint64_t packets_received = 0;
  uint64_t packets_sent = 0;
  uint64_t packets_dropped = 0;
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
  /// Share of the last second spent working, 0..1.
  double busy = 0;
  uint32_t packets_in_use = 0;
};

class Engine {
 public:
  /// Binds the ports and starts the loop threads. Errors: kType for settings that cannot be meant;
  /// no free port in the range, an address that is not local. Each names the setting.
  static Result<std::unique_ptr<Engine>> create(EngineSettings settings, Executor control);
  /// Ends the loops and frees the ports. Objects that are still open emit nothing.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Makes a router for the given codecs (ortc-model 3.2). It starts on the loop that `home` names
  /// modulo the number of loops, or on the least loaded one when `home` is negative.
  /// The engine owns it until it closes. Errors: the codecs'; kInvalidState once closed.
  Result<std::shared_ptr<Router>> create_router(
      const std::vector<ortc::RtpCodecCapability>& media_codecs, int home = -1);

  /// Closes every router, each with the reason "engine closed". From then on every request to any
  /// object, and those that wait for an answer, fail with kInvalidState. Idempotent.
  void close();
  [[nodiscard]] bool closed() const { return closed_; }

  Signal<const std::shared_ptr<Router>&> on_new_router;
  /// Emitted once, by `close`.
  Signal<> on_close;

  [[nodiscard]] const EngineSettings& settings() const { return settings_; }
  [[nodiscard]] unsigned loop_count() const;
  /// Fingerprints of the DTLS certificate, the one that clients should use last.
  [[nodiscard]] const ortc::DtlsParameters& dtls_parameters() const;
  /// Ids of all objects, for diagnosis and tests (dump.h). Error: closed.
  [[nodiscard]] Result<boost::json::object> dump() const;
  /// Asks every loop for its load; `done` runs on the control thread.
  void query_load(std::function<void(std::vector<LoopLoad>)> done);

  /// For the objects of this engine.
  LoopPool& loops() { return *loops_; }
  ObjectIds& ids() { return ids_; }

 private:
  friend class Router;
  Engine(EngineSettings settings, Executor control);

  EngineSettings settings_;
  Executor control_;
  std::unique_ptr<LoopPool> loops_;
  ObjectIds ids_;
  std::map<uint64_t, std::shared_ptr<Router>> routers_;  ///< open ones, in order of creation
  bool closed_ = false;
};

}  // namespace sluice::media
