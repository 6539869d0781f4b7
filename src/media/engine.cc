#include "media/engine.h"

#include <chrono>
#include <thread>

#include "base/log.h"
#include "media/loop_pool.h"
#include "media/router.h"
#include "protocol/dtls/certificate.h"
#include "protocol/dtls/context.h"
#include "protocol/ortc/router_capabilities.h"

namespace sluice::media {

namespace {

Result<void> check(const EngineSettings& settings) {
  if (settings.listen.empty()) {
    return type_error("listen is empty, expected at least one address");
  }
  if (settings.max_port < settings.min_port) {
    return type_error("max_port is " + std::to_string(settings.max_port) + ", expected min_port (" +
                      std::to_string(settings.min_port) + ") or more");
  }
  if (settings.dtls_certificate_pem.empty() != settings.dtls_private_key_pem.empty()) {
    return type_error("a DTLS certificate and its private key must be given together");
  }
  return {};
}

}  // namespace

Engine::Engine(EngineSettings settings, Executor control)
    : settings_(std::move(settings)), control_(std::move(control)) {}

Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::create(EngineSettings settings, Executor control) {
  if (auto checked = check(settings); !checked) {
    return std::unexpected(checked.error());
  }
  if (settings.loops == 0) {
    settings.loops = std::max(1U, std::thread::hardware_concurrency());
  }
  auto certificate = settings.dtls_certificate_pem.empty()
                         ? dtls::Certificate::generate(std::chrono::system_clock::now())
                         : dtls::Certificate::from_pem(settings.dtls_certificate_pem,
                                                       settings.dtls_private_key_pem);
  if (!certificate) {
    return std::unexpected(certificate.error());
  }
  auto context = dtls::Context::create(std::move(*certificate));
  if (!context) {
    return std::unexpected(context.error());
  }
  std::unique_ptr<Engine> engine(new Engine(std::move(settings), std::move(control)));
  auto loops = LoopPool::create(engine->settings_, std::move(*context), engine->control_);
  if (!loops) {
    return std::unexpected(loops.error());
  }
  engine->loops_ = std::move(*loops);
  logger("media")->debug("engine started loops={}", engine->loop_count());
  return engine;
}

Result<std::shared_ptr<Router>> Engine::create_router(
    const std::vector<ortc::RtpCodecCapability>& media_codecs, int home) {
  if (closed_) {
    return std::unexpected(loops_->closed_error("engine"));
  }
  auto capabilities = ortc::generate_router_rtp_capabilities(media_codecs);
  if (!capabilities) {
    return std::unexpected(capabilities.error());
  }
  const unsigned loop =
      home < 0 ? loops_->least_loaded() : static_cast<unsigned>(home) % loops_->size();
  auto router = std::make_shared<Router>(*this, std::move(*capabilities), loop);
  ids_.add(router->id(), ObjectKind::kRouter);
  routers_.emplace(router->handle_, router);
  on_new_router.emit(router);
  return router;
}

void Engine::close() {
  if (closed_) {
    return;
  }
  closed_ = true;
  loops_->close();
  while (!routers_.empty()) {
    const auto router = routers_.begin()->second;
    router->engine_closed();
  }
  logger("media")->debug("engine closed");
  on_close.emit();
}

unsigned Engine::loop_count() const {
  return loops_->size();
}

const ortc::DtlsParameters& Engine::dtls_parameters() const {
  return loops_->dtls_parameters();
}

void Engine::query_load(std::function<void(std::vector<LoopLoad>)> done) {
  loops_->query_load(std::move(done));
}

}  // namespace sluice::media
