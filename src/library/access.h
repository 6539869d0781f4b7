// How the public handles (include/sluice) and the engine's objects find each other. Every public
// class is a handle of an object of src/media; this is the one place that opens them.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/signal.h"
#include "media/engine.h"
#include "sluice/error.h"
#include "sluice/event.h"
#include "sluice/handle.h"
#include "sluice/reply.h"

namespace sluice {

/// The engine, until the program destroys it. Objects outlive it in their handles: they are closed
/// by then, and refer to loops that are gone, so nothing may be asked of them.
struct EngineLife {
  std::unique_ptr<media::Engine> engine;
};

struct Access {
  /// A handle of kind H.
  template <class H, class Object>
  static H make(std::shared_ptr<Object> object, const std::shared_ptr<EngineLife>& life) {
    H handle;
    handle.object_ = std::move(object);
    handle.life_ = life;
    return handle;
  }

  template <class Object>
  static const std::shared_ptr<Object>& object(const Handle<Object>& handle) {
    return handle.object_;
  }

  template <class Object>
  static const std::shared_ptr<EngineLife>& life(const Handle<Object>& handle) {
    return handle.life_;
  }

  static Connection connection(std::function<void()> disconnect) {
    return Connection(std::move(disconnect));
  }
};

/// The object of a handle, as what it is.
template <class Object>
Object& object_of(const Handle<Object>& handle) {
  return *Access::object(handle);
}
template <class Kind, class Object>
Kind& object_as(const Handle<Object>& handle) {
  return static_cast<Kind&>(*Access::object(handle));
}

inline std::unexpected<Error> engine_gone() {
  return invalid_state_error("the engine is gone");
}

/// Asks something of an object, which answers at once.
template <class Object, class Request>
std::invoke_result_t<Request, Object&> request(const Handle<Object>& handle, Request request) {
  if (!Access::life(handle)->engine) {
    return engine_gone();
  }
  return request(object_of(handle));
}

/// Asks something of an object, which answers later.
template <class Object, class T, class Request>
void ask(const Handle<Object>& handle, Reply<T> reply, Request request) {
  if (!Access::life(handle)->engine) {
    reply(engine_gone());
    return;
  }
  request(object_of(handle), std::move(reply));
}

/// Makes a handle of what an object made.
template <class H, class Made, class Object>
Result<H> handle_of(Result<std::shared_ptr<Made>> made, const Handle<Object>& maker) {
  if (!made) {
    return std::unexpected(std::move(made.error()));
  }
  return Access::make<H>(std::move(*made), Access::life(maker));
}

/// Handles of children.
template <class H, class Child, class Object>
std::vector<H> handles_of(std::vector<std::shared_ptr<Child>> children,
                          const Handle<Object>& parent) {
  std::vector<H> handles;
  handles.reserve(children.size());
  for (auto& child : children) {
    handles.push_back(Access::make<H>(std::move(child), Access::life(parent)));
  }
  return handles;
}

/// Has a listener hear of an event until the object has closed. Then it is dropped: it may hold
/// handles of the object, which would otherwise keep each other.
template <class Object, class... Args, class Listener>
Connection listen(const Handle<Object>& handle, Signal<Args...>& signal, Listener listener) {
  const std::shared_ptr<Object>& object = Access::object(handle);
  if (object->closed()) {
    return {};
  }
  const uint64_t id = signal.connect(std::move(listener));
  const uint64_t end = object->on_close.connect([&signal, id] { signal.disconnect(id); });
  return Access::connection([weak = std::weak_ptr(object), &signal, id, end] {
    if (const auto alive = weak.lock()) {
      signal.disconnect(id);
      alive->on_close.disconnect(end);
    }
  });
}

/// The same for an event that names another object: the listener gets a handle of kind H.
template <class H, class Object, class Other>
Connection listen_for(const Handle<Object>& handle, Signal<const std::shared_ptr<Other>&>& signal,
                      std::function<void(const H&)> listener) {
  return listen(
      handle, signal,
      [life = std::weak_ptr(Access::life(handle)), listener = std::move(listener)](
          const std::shared_ptr<Other>& other) { listener(Access::make<H>(other, life.lock())); });
}

/// The entries of an answer as the object model shows them: a list, also of one.
template <class T>
Reply<std::vector<T>> entries(Reply<boost::json::array> reply) {
  return [reply = std::move(reply)](Result<std::vector<T>> result) mutable {
    if (!result) {
      reply(std::unexpected(std::move(result.error())));
      return;
    }
    boost::json::array array;
    for (const T& entry : *result) {
      array.push_back(to_json(entry));
    }
    reply(std::move(array));
  };
}
template <class T>
Reply<T> entry(Reply<boost::json::array> reply) {
  return [reply = std::move(reply)](Result<T> result) mutable {
    if (result) {
      reply(boost::json::array{to_json(*result)});
    } else {
      reply(std::unexpected(std::move(result.error())));
    }
  };
}

/// Null stands for a value that is not given.
inline const boost::json::value* given(const boost::json::value& value) {
  return value.is_null() ? nullptr : &value;
}

}  // namespace sluice
