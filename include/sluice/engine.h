// The media engine: threads that carry media, and the routers on them. The object model is that of
// mediasoup v3, whose documentation of concepts and JSON shapes applies; an engine stands for a
// worker, or for as many workers as it has media loops.
//
// All objects live on one thread of the program, the control thread: whatever calls them, and
// whatever they call, does so there. The engine reaches it through the Executor that the program
// gives it; RunLoop (run_loop.h) is one for programs that have no event loop of their own. Requests
// take effect in the order of the calls. Most are answered at once; what only the media loops know
// comes through a Reply.
//
// Errors are values (error.h) whose message names the argument, its value and what was expected.
// Nothing here throws, apart from running out of memory.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sluice/error.h"
#include "sluice/event.h"
#include "sluice/options.h"
#include "sluice/router.h"

namespace sluice {

/// Runs a function on the control thread: later, never from within the call, in the order of the
/// calls. The engine calls it from any thread. It must work until the engine is destroyed.
using Executor = std::function<void(std::move_only_function<void()>)>;

/// What one media loop has to do. Counters begin with the engine.
struct LoopLoad {
  unsigned index = 0;
  uint16_t port = 0;
  uint32_t transports = 0;
  uint64_t packets_received = 0;
  uint64_t packets_sent = 0;
  uint64_t packets_dropped = 0;
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
  /// Share of the last second spent working, 0 to 1.
  double busy = 0;
  uint32_t packets_in_use = 0;
};

class Engine {
 public:
  /// Binds the ports and starts the media loops. Errors: TypeError for options that cannot be
  /// meant; Error when no port of the range is free or an address is not this machine's.
  [[nodiscard]] static Result<Engine> create(const EngineOptions& options, Executor control);

  Engine(Engine&& other) noexcept;
  Engine& operator=(Engine&& other) noexcept;
  /// Closes it, ends the media loops and frees the ports. Requests that wait for a Reply are not
  /// answered any more; handles stay readable. Not from within a listener or a reply.
  ~Engine();

  /// Makes a router for codecs as in mediasoup's `mediaCodecs`, e.g.
  /// `[{"kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2}]`. Its first
  /// transports go to the media loop that `home` names modulo their number, by default to the one
  /// with the least to do. Errors: TypeError for malformed codecs, UnsupportedError for those that
  /// the engine does not know, InvalidStateError once closed.
  [[nodiscard]] Result<Router> create_router(const boost::json::value& media_codecs,
                                             std::optional<unsigned> home = {});

  /// Closes every router. From then on every request to any object, and those that wait for an
  /// answer, fail with InvalidStateError. Idempotent.
  void close();
  [[nodiscard]] bool closed() const;

  [[nodiscard]] unsigned loop_count() const;
  /// What every media loop has to do. `done` is called once, unless the engine closes before.
  void query_load(std::function<void(std::vector<LoopLoad>)> done);
  /// Ids of all objects, as mediasoup's `worker.dump()`. Error: closed.
  [[nodiscard]] Result<boost::json::object> dump() const;

  Connection on_new_router(std::function<void(const Router&)> listener);
  Connection on_close(std::function<void()> listener);

 private:
  explicit Engine(std::shared_ptr<EngineLife> life);

  std::shared_ptr<EngineLife> life_;
};

/// What a router can be made for: mediasoup's `getSupportedRtpCapabilities()`.
[[nodiscard]] boost::json::value supported_rtp_capabilities();

}  // namespace sluice
