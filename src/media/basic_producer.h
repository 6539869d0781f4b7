// What producers of media and of data have in common on the control thread: who they are, pausing,
// their consumers on all loops, and how they end (ortc-model 1.16, 1.17). They differ in whom they
// command.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "media/consumer_ledger.h"
#include "media/loop_pool.h"

namespace sluice::media {

class Transport;

/// `Self` derives from this, has this as a friend, and what the two differ in:
///
///     static constexpr const char* kName;                    // in errors
///     void command_paused(bool paused);                      // its counterpart pauses or resumes
///     void command_remote_loop(unsigned loop, bool wanted);  // whether another loop has consumers
///     void leave();                                          // it ends on its loop and transport
template <class Self, class Consumer>
class BasicProducer : public std::enable_shared_from_this<Self> {
 public:
  BasicProducer(const BasicProducer&) = delete;
  BasicProducer& operator=(const BasicProducer&) = delete;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] bool closed() const { return closed_; }
  /// Why requests are refused once it is closed.
  [[nodiscard]] Error closed_error() const;
  [[nodiscard]] bool paused() const { return paused_; }

  /// What comes in is still received and counted, but no longer forwarded. Idempotent. Error:
  /// closed.
  Result<void> pause() { return set_paused(true); }
  /// Forwards again; media from a key frame on. Idempotent. Error: closed.
  Result<void> resume() { return set_paused(false); }
  /// Idempotent. Its consumers close too.
  void close();

  Signal<> on_pause;
  Signal<> on_resume;
  /// The transport was closed; `on_close` follows.
  Signal<> on_transport_close;
  /// Emitted once, whatever the reason.
  Signal<> on_close;

 protected:
  BasicProducer() = default;
  ~BasicProducer() = default;

  /// Open ones, in order of creation.
  [[nodiscard]] std::vector<std::shared_ptr<Consumer>> open_consumers() const {
    return consumers_.consumers();
  }
  /// Consumers on one loop share one subscription there.
  void add_consumer(const std::shared_ptr<Consumer>& consumer);
  void remove_consumer(const Consumer& consumer);
  void transport_closed();
  /// The consumers on other transports end with it.
  void close_consumers();

  std::weak_ptr<Transport> transport_;
  std::string id_;
  Handle handle_ = 0;
  bool closed_ = false;
  bool paused_ = false;
  unsigned loop_ = 0;
  LoopPool* loops_ = nullptr;

 private:
  template <class, class>
  friend class BasicConsumer;

  Self& self() { return static_cast<Self&>(*this); }
  Result<void> set_paused(bool paused);
  /// Ends the object here and on its loop; the caller tells the listeners.
  void end();

  ConsumerLedger<Consumer> consumers_;
};

}  // namespace sluice::media
