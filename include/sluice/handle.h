// What the objects of the model have in common in C++.
//
// A handle refers to an object of the engine, as a pointer does: copies refer to the same object, a
// constant handle is one of an object that may change, and the object stays open, whether or not
// there are handles of it, until it is closed or its parent is. What is left of a closed object can
// still be read through its handles; requests to it fail.
//
// Handles are used on the control thread only (engine.h), destroyed there too.
#pragma once

#include <memory>

namespace sluice {

namespace media {
class DataConsumer;
class DataProducer;
class Consumer;
class Engine;
class Producer;
class Router;
class RtpObserver;
class Transport;
}  // namespace media

/// Engine of a handle, shared by all handles.
struct EngineLife;

template <class Object>
class Handle {
 public:
  /// Refers to nothing; may only be assigned, compared and tested.
  Handle() = default;

  /// Whether it refers to an object, open or closed.
  [[nodiscard]] explicit operator bool() const { return object_ != nullptr; }

  /// Whether both refer to the same object.
  friend bool operator==(const Handle& a, const Handle& b) { return a.object_ == b.object_; }

 private:
  friend struct Access;

  std::shared_ptr<Object> object_;
  std::shared_ptr<EngineLife> life_;
};

}  // namespace sluice
