// What consumers of media and of data have in common on the control thread: who they are, pausing,
// here and at the producer, and how they end (ortc-model 1.16, 1.17). They differ in whom they
// command, and in how they call what happens at the producer.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/signal.h"
#include "media/loop_pool.h"

namespace sluice::media {

class Transport;

/// `Self` derives from this, has this and BasicProducer as friends, and what the two differ in:
///
///     static constexpr const char* kName;           // in errors
///     Handle handle() const;                        // unique among consumers
///     void command_paused(bool paused);             // its counterpart pauses or resumes
///     void command_producer_paused(bool paused);    // the same at the producer
///     void tell_producer_paused(bool paused);       // emits signals of its own
///     void tell_producer_closed();
///     void leave();                                 // it ends on its loop and transport
template <class Self, class Producer>
class BasicConsumer : public std::enable_shared_from_this<Self> {
 public:
  BasicConsumer(const BasicConsumer&) = delete;
  BasicConsumer& operator=(const BasicConsumer&) = delete;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] bool closed() const { return closed_; }
  /// Why requests are refused once it is closed.
  [[nodiscard]] Error closed_error() const;
  [[nodiscard]] bool paused() const { return paused_; }

  // Idempotent. Error: closed.
  Result<void> pause() { return set_paused(true); }
  Result<void> resume() { return set_paused(false); }
  /// Idempotent.
  void close();

  /// Effective state changes: paused here or at the producer.
  Signal<> on_pause;
  Signal<> on_resume;
  /// The transport was closed; `on_close` follows.
  Signal<> on_transport_close;
  /// Emitted once, whatever the reason.
  Signal<> on_close;

 protected:
  BasicConsumer() = default;
  ~BasicConsumer() = default;

  void producer_pause_changed(bool paused);
  void producer_closed();
  void transport_closed();

  std::weak_ptr<Transport> transport_;
  std::weak_ptr<Producer> producer_;
  std::string id_;
  std::string producer_id_;
  bool closed_ = false;
  bool paused_ = false;
  bool producer_paused_ = false;
  unsigned loop_ = 0;
  LoopPool* loops_ = nullptr;

 private:
  template <class, class>
  friend class BasicProducer;

  Self& self() { return static_cast<Self&>(*this); }
  Result<void> set_paused(bool paused);
  void tell_paused(bool paused) { (paused ? on_pause : on_resume).emit(); }
  /// Ends the object here and on its loop; the caller tells the listeners.
  void end();
};

}  // namespace sluice::media
