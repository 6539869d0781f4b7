// The media loops of an engine and the way to them: commands out, events back (design 1, 4).
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "media/engine.h"
#include "media/interconnect.h"
#include "media/loop_event.h"
#include "media/loop_setup.h"
#include "media/settings.h"
#include "net/port_table.h"
#include "net/udp_socket.h"
#include "protocol/dtls/context.h"
#include "protocol/ice/candidate.h"
#include "protocol/ortc/transport_parameters.h"

namespace sluice::media {

class Consumer;
class DataConsumer;
class MediaLoop;
class Producer;
class RtpObserver;
class Transport;

/// Takes the answer to a question that a loop was asked; called on the control thread.
template <class T>
using Reply = std::move_only_function<void(Result<T>)>;

class LoopPool {
 public:
  /// Binds every loop's sockets and starts the threads.
  static Result<std::unique_ptr<LoopPool>> create(const EngineSettings& settings,
                                                  std::shared_ptr<const dtls::Context> dtls,
                                                  Executor control);
  /// Stops and joins the threads. Commands that were not run yet are dropped.
  ~LoopPool();
  LoopPool(const LoopPool&) = delete;
  LoopPool& operator=(const LoopPool&) = delete;

  [[nodiscard]] unsigned size() const { return static_cast<unsigned>(members_.size()); }

  /// Runs a command on a loop's thread, in order of the calls for that loop.
  void post(unsigned loop, std::move_only_function<void(MediaLoop&)> command);
  /// A socket for a transport on that loop, to be handed over with `post_with`. Errors: TypeError
  /// for a protocol, an address or a range that cannot be meant; Error when it cannot be bound, or
  /// the loop has too many.
  Result<net::UdpSocket> bind_udp(unsigned loop, const TransportListenInfo& listen);
  /// Gives the loop sockets and runs a command with their indices there.
  void post_with(unsigned loop, std::vector<net::UdpSocket> sockets,
                 std::move_only_function<void(MediaLoop&, std::span<const uint8_t>)> command);
  /// So many sockets of transports on that loop are closed.
  void sockets_closed(unsigned loop, size_t count) { sockets_[loop] -= count; }

  /// Runs `query` on a loop's thread and gives its result to `reply`, which is called later on the
  /// control thread in any case: with an error when the engine is closed before the answer is
  /// there.
  template <class T>
  void ask(unsigned loop, std::move_only_function<T(MediaLoop&)> query, Reply<T> reply);
  /// The same for an object that may be closed, or close before the answer is there; it has
  /// `closed()` and `closed_error()`.
  template <class T, class Object>
  void ask_for(const std::shared_ptr<Object>& object, unsigned loop,
               std::move_only_function<T(MediaLoop&)> query, Reply<T> reply);

  /// Answers a request that is not worth asking a loop for; later, as an answer would come.
  template <class T>
  void refuse(Reply<T> reply, Error error) {
    control_([reply = std::move(reply), error = std::move(error)]() mutable {
      reply(std::unexpected(std::move(error)));
    });
  }

  /// From now on requests are refused; those on their way are answered with an error.
  void close();
  [[nodiscard]] bool closed() const { return closed_; }
  /// Why a request to a closed object is refused (ortc-model 0.1).
  [[nodiscard]] Error closed_error(const std::string& object) const;

  [[nodiscard]] Handle next_handle() { return ++last_handle_; }

  // Who gets the events of a handle. Forgotten by `unwatch`.
  void watch(Handle handle, std::weak_ptr<Transport> transport);
  void watch(Handle handle, std::weak_ptr<Producer> producer);
  void watch(Handle handle, std::weak_ptr<Consumer> consumer);
  void watch(Handle handle, std::weak_ptr<RtpObserver> observer);
  void watch(Handle handle, std::weak_ptr<DataConsumer> consumer);
  void unwatch(Handle handle);

  /// The sockets that a loop listens on, with the addresses that its candidates show.
  [[nodiscard]] const std::vector<ice::ListenEntry>& listen_entries(unsigned loop) const;

  /// The certificate's fingerprints, the one that clients should use last, and role "auto".
  [[nodiscard]] const ortc::DtlsParameters& dtls_parameters() const { return dtls_parameters_; }

  // What is placed on each loop.
  void transport_added(unsigned loop) { ++placed_[loop]; }
  void transport_removed(unsigned loop) { --placed_[loop]; }
  void router_added(unsigned home) { ++placed_[home]; }
  void router_removed(unsigned home) { --placed_[home]; }
  /// The loop with the fewest transports and routers, the first of equals. A router counts like a
  /// transport, so that routers made before their transports do not all land on one loop.
  [[nodiscard]] unsigned least_loaded() const;

  void query_load(std::function<void(std::vector<LoopLoad>)> done);
  /// The UDP counters of one loop; `done` runs on the control thread.
  void query_udp(unsigned loop, std::function<void(const net::UdpCounters&)> done);

 private:
  struct Member;
  using Target =
      std::variant<std::weak_ptr<Transport>, std::weak_ptr<Producer>, std::weak_ptr<Consumer>,
                   std::weak_ptr<DataConsumer>, std::weak_ptr<RtpObserver>>;

  /// An answer whose type is known to who asked. Not an aggregate: one that holds a std::any could
  /// be made from anything, even from the Result that carries it, which Clang refuses as circular.
  class Answer {
   public:
    template <class T>
    Answer(std::in_place_type_t<T> /*type*/, T value) : value_(std::move(value)) {}
    template <class T>
    [[nodiscard]] T take() {
      return std::any_cast<T>(std::move(value_));
    }

   private:
    std::any value_;
  };

  explicit LoopPool(Executor control);
  void dispatch(const LoopEvent& event);
  void answer(uint64_t request, Answer answer);

  Executor control_;
  ortc::DtlsParameters dtls_parameters_;
  std::unique_ptr<Interconnect> interconnect_;
  std::vector<std::unique_ptr<Member>> members_;
  net::PortTable ports_;
  net::PortRange port_range_;
  std::vector<uint32_t> placed_;
  std::vector<size_t> sockets_;  ///< of transports, by loop
  std::unordered_map<Handle, Target> targets_;
  Handle last_handle_ = 0;
  /// What is to be done with the answers that are awaited. Kept here, not in the commands: what an
  /// application captured must not be destroyed on a loop's thread.
  std::unordered_map<uint64_t, Reply<Answer>> requests_;
  uint64_t last_request_ = 0;
  bool closed_ = false;
  /// False once the pool is being destroyed; checked by events that are still on their way.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

template <class T>
void LoopPool::ask(unsigned loop, std::move_only_function<T(MediaLoop&)> query, Reply<T> reply) {
  if (closed_) {
    refuse(std::move(reply), closed_error("engine"));
    return;
  }
  const uint64_t request = ++last_request_;
  requests_.emplace(request, [reply = std::move(reply)](Result<Answer> result) mutable {
    if (result) {
      reply(result->template take<T>());
    } else {
      reply(std::unexpected(std::move(result.error())));
    }
  });
  post(loop, [this, request, alive = std::weak_ptr(alive_),
              query = std::move(query)](MediaLoop& media) mutable {
    control_([this, request, alive, value = Answer(std::in_place_type<T>, query(media))]() mutable {
      if (!alive.expired()) {
        answer(request, std::move(value));
      }
    });
  });
}

template <class T, class Object>
void LoopPool::ask_for(const std::shared_ptr<Object>& object, unsigned loop,
                       std::move_only_function<T(MediaLoop&)> query, Reply<T> reply) {
  if (object->closed()) {
    refuse(std::move(reply), object->closed_error());
    return;
  }
  ask<T>(loop, std::move(query), [object, reply = std::move(reply)](Result<T> result) mutable {
    // An answer that is an error may come when the engine, which words the other one, is gone.
    if (result && object->closed()) {
      result = std::unexpected(object->closed_error());
    }
    reply(std::move(result));
  });
}

}  // namespace sluice::media
