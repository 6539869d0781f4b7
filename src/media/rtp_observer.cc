#include "media/rtp_observer.h"

#include "base/random.h"
#include "media/engine.h"
#include "media/loop_pool.h"
#include "media/media_loop.h"
#include "media/producer.h"
#include "media/router.h"

namespace sluice::media {

RtpObserver::RtpObserver(ObserverKind kind, const std::shared_ptr<Router>& router, Engine& engine)
    : kind_(kind),
      router_(router),
      engine_(engine),
      loops_(engine.loops()),
      id_(random_uuid()),
      handle_(loops_.next_handle()),
      loop_(router->home_loop()) {}

RtpObserver::~RtpObserver() = default;

const char* RtpObserver::type() const {
  return kind_ == ObserverKind::kAudioLevel ? "audiolevel" : "activespeaker";
}

void RtpObserver::start(ObserverSetup setup) {
  setup.handle = handle_;
  setup.kind = kind_;
  loops_.watch(handle_, weak_from_this());
  loops_.post(loop_, [setup](MediaLoop& loop) { loop.observers().add(setup); });
}

Result<void> RtpObserver::pause() {
  return set_paused(true);
}

Result<void> RtpObserver::resume() {
  return set_paused(false);
}

Result<void> RtpObserver::set_paused(bool paused) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  if (paused_ == paused) {
    return {};
  }
  paused_ = paused;
  loops_.post(loop_, [observer = handle_, paused](MediaLoop& loop) {
    loop.observers().set_paused(observer, paused);
  });
  const auto self = shared_from_this();
  (paused ? on_pause : on_resume).emit();
  return {};
}

Result<std::shared_ptr<Producer>> RtpObserver::find_in_router(
    const std::string& producer_id) const {
  const auto router = router_.lock();
  if (closed_ || !router) {
    return std::unexpected(closed_error());
  }
  if (auto producer = router->find_producer(producer_id)) {
    return producer;
  }
  return not_found_error("Producer not found: " + producer_id);
}

Result<void> RtpObserver::add_producer(const std::string& producer_id) {
  const auto found = find_in_router(producer_id);
  if (!found) {
    return std::unexpected(found.error());
  }
  const auto& producer = *found;
  if (producer->kind() != ortc::MediaKind::kAudio) {
    return type_error("producer " + producer_id + " is video, expected audio");
  }
  const Handle handle = producer->handle_;
  if (watched_.contains(handle)) {
    return kind_ == ObserverKind::kAudioLevel
               ? Result<void>{}
               : generic_error("the observer has producer " + producer_id + " already");
  }
  watched_[handle] = {.producer = producer,
                      .on_close = producer->on_close.connect([weak = weak_from_this(), handle] {
                        if (const auto self = weak.lock()) {
                          self->forget(handle);
                        }
                      })};
  loops_.post(loop_, [observer = handle_, handle, on = producer->loop_](MediaLoop& loop) {
    loop.observers().add_producer(observer, handle, on);
  });
  const auto self = shared_from_this();
  on_add_producer.emit(producer);
  return {};
}

Result<void> RtpObserver::remove_producer(const std::string& producer_id) {
  const auto found = find_in_router(producer_id);
  if (!found) {
    return std::unexpected(found.error());
  }
  const auto self = shared_from_this();
  if (forget((*found)->handle_)) {
    on_remove_producer.emit(*found);
  }
  return {};
}

bool RtpObserver::forget(Handle handle) {
  const auto node = watched_.extract(handle);
  if (node.empty()) {
    return false;
  }
  if (const auto producer = node.mapped().producer.lock()) {
    producer->on_close.disconnect(node.mapped().on_close);
  }
  loops_.post(loop_, [observer = handle_, handle](MediaLoop& loop) {
    loop.observers().remove_producer(observer, handle);
  });
  return true;
}

std::vector<std::shared_ptr<Producer>> RtpObserver::producers() const {
  std::vector<std::shared_ptr<Producer>> open;
  for (const auto& [handle, watched] : watched_) {
    if (auto producer = watched.producer.lock()) {
      open.push_back(std::move(producer));
    }
  }
  return open;
}

std::shared_ptr<Producer> RtpObserver::find(Handle producer) const {
  const auto found = watched_.find(producer);
  return found == watched_.end() ? nullptr : found->second.producer.lock();
}

void RtpObserver::close() {
  if (closed_) {
    return;
  }
  const auto self = shared_from_this();
  end();
  on_close.emit();
}

void RtpObserver::router_closed() {
  const auto self = shared_from_this();
  end();
  on_router_close.emit();
  on_close.emit();
}

void RtpObserver::end() {
  closed_ = true;
  while (!watched_.empty()) {
    forget(watched_.begin()->first);
  }
  loops_.unwatch(handle_);
  loops_.post(loop_, [handle = handle_](MediaLoop& loop) { loop.observers().remove(handle); });
  engine_.ids().remove(id_);
  if (const auto router = router_.lock()) {
    router->observers_.erase(handle_);
  }
}

Error RtpObserver::closed_error() const {
  return loops_.closed_error("RTP observer " + id_);
}

}  // namespace sluice::media
