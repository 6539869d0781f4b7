#include "sluice/engine.h"

#include <utility>

#include "library/access.h"
#include "library/convert.h"
#include "media/router.h"
#include "protocol/ortc/json.h"
#include "protocol/ortc/supported_capabilities.h"

namespace sluice {
namespace {

/// Posts to the control thread, and drops there what the engine posted before it was destroyed.
media::Executor posting(Executor control, const std::shared_ptr<EngineLife>& life) {
  return [control = std::move(control), life = std::weak_ptr(life)](auto work) {
    control([life, work = std::move(work)]() mutable {
      if (const auto alive = life.lock(); alive && alive->engine) {
        work();
      }
    });
  };
}

/// Has a listener hear of an event of the engine, until that is closed.
template <class... Args, class Listener>
Connection listen_to_engine(const std::shared_ptr<EngineLife>& life,
                            Signal<Args...> media::Engine::* signal, Listener listener) {
  media::Engine& engine = *life->engine;
  if (engine.closed()) {
    return {};
  }
  const uint64_t id = (engine.*signal).connect(std::move(listener));
  engine.on_close.connect([&engine, signal, id] { (engine.*signal).disconnect(id); });
  return Access::connection([weak = std::weak_ptr(life), signal, id] {
    if (const auto alive = weak.lock(); alive && alive->engine) {
      ((*alive->engine).*signal).disconnect(id);
    }
  });
}

}  // namespace

Engine::Engine(std::shared_ptr<EngineLife> life) : life_(std::move(life)) {}

Engine::Engine(Engine&& other) noexcept = default;

Engine& Engine::operator=(Engine&& other) noexcept {
  if (this != &other) {
    // What this one had ends as by its destructor, at the end of the scope.
    const Engine former(std::exchange(life_, std::move(other.life_)));
  }
  return *this;
}

Engine::~Engine() {
  if (life_) {
    close();
    life_->engine.reset();
  }
}

Result<Engine> Engine::create(const EngineOptions& options, Executor control) {
  auto life = std::make_shared<EngineLife>();
  auto engine = media::Engine::create(to_media(options), posting(std::move(control), life));
  if (!engine) {
    return std::unexpected(std::move(engine.error()));
  }
  life->engine = std::move(*engine);
  return Engine(std::move(life));
}

Result<Router> Engine::create_router(const boost::json::value& media_codecs,
                                     std::optional<unsigned> home) {
  const auto codecs = ortc::parse_media_codecs(given(media_codecs));
  if (!codecs) {
    return std::unexpected(codecs.error());
  }
  media::Engine& engine = *life_->engine;
  auto router =
      engine.create_router(*codecs, home ? static_cast<int>(*home % engine.loop_count()) : -1);
  if (!router) {
    return std::unexpected(std::move(router.error()));
  }
  return Access::make<Router>(std::move(*router), life_);
}

void Engine::close() {
  life_->engine->close();
}

bool Engine::closed() const {
  return life_->engine->closed();
}

unsigned Engine::loop_count() const {
  return life_->engine->loop_count();
}

void Engine::query_load(std::function<void(std::vector<LoopLoad>)> done) {
  life_->engine->query_load([done = std::move(done)](const std::vector<media::LoopLoad>& loops) {
    std::vector<LoopLoad> loads;
    for (const media::LoopLoad& loop : loops) {
      loads.push_back({.index = loop.index,
                       .port = loop.port,
                       .transports = loop.transports,
                       .packets_received = loop.packets_received,
                       .packets_sent = loop.packets_sent,
                       .packets_dropped = loop.packets_dropped,
                       .bytes_received = loop.bytes_received,
                       .bytes_sent = loop.bytes_sent,
                       .busy = loop.busy,
                       .packets_in_use = loop.packets_in_use});
    }
    done(std::move(loads));
  });
}

Result<boost::json::object> Engine::dump() const {
  return life_->engine->dump();
}

Connection Engine::on_new_router(std::function<void(const Router&)> listener) {
  return listen_to_engine(
      life_, &media::Engine::on_new_router,
      [life = std::weak_ptr(life_), listener = std::move(listener)](const auto& router) {
        listener(Access::make<Router>(router, life.lock()));
      });
}

Connection Engine::on_close(std::function<void()> listener) {
  return listen_to_engine(life_, &media::Engine::on_close, std::move(listener));
}

boost::json::value supported_rtp_capabilities() {
  return ortc::to_json(ortc::supported_rtp_capabilities());
}

}  // namespace sluice
