// Transports with data channels in a LoopWorld, and short ways to use them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "media/data_exchange.h"
#include "media/events.h"
#include "media/media_loop.h"
#include "protocol/sctp/wire.h"
#include "support/data_peer.h"
#include "support/loop_world.h"

namespace sluice::media::test {

using sluice::test::Buffer;
using sluice::test::DataPeer;
using sluice::test::LoopWorld;
using Connection = LoopWorld::Connection;

/// `size` bytes that depend on `seed`, so that mixed-up messages are noticed.
inline Buffer pattern(size_t size, uint32_t seed = 0) {
  Buffer bytes(size);
  uint32_t state = seed * 2654435761U + 1;
  for (uint8_t& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return bytes;
}

class DataWorld : public ::testing::Test {
 protected:
  explicit DataWorld(unsigned loops = 1, const sctp::Options& options = {}) : world(loops) {
    world.sctp = options;
  }

  /// A transport whose SCTP is connected.
  Connection& connect(unsigned loop = 0) {
    Connection& connection = world.connect(loop);
    connections_.push_back(&connection);
    run_until([&] { return connection.peer->data().connected() && sctp_connected(connection); });
    return connection;
  }

  /// Lets time pass, with consent checks of the connected peers, until `done`, whose result it
  /// returns.
  bool run_until(const std::function<bool()>& done, Micros limit = 60s) {
    for (const Micros end = world.now() + limit; !done() && world.now() < end;) {
      if (next_check_ <= world.now()) {
        next_check_ = world.now() + 5s;
        for (const Connection* connection : connections_) {
          connection->peer->send_binding_request(world.now());
        }
      }
      world.advance(5ms);
    }
    return done();
  }

  Handle produce(const Connection& on, uint16_t stream, bool paused = false) {
    const DataProducerSetup setup{
        .handle = world.next_handle(), .transport = on.handle, .stream = stream, .paused = paused};
    data(on.loop, [&](DataExchange& exchange) { exchange.add_producer(setup); });
    return setup.handle;
  }

  struct ConsumeOptions {
    sctp::Reliability reliability{};
    bool paused = false;
    std::vector<uint16_t> subchannels{};
  };
  /// A consumer on `on` of a producer on the loop of `from`.
  Handle consume(const Connection& on, uint16_t stream, Handle producer, const Connection& from,
                 const ConsumeOptions& options) {
    const DataConsumerSetup setup{.handle = world.next_handle(),
                                  .transport = on.handle,
                                  .producer = producer,
                                  .stream = DataStream{stream, options.reliability},
                                  .paused = options.paused,
                                  .subchannels = options.subchannels};
    data(on.loop, [&](DataExchange& exchange) { exchange.add_consumer(setup); });
    if (on.loop != from.loop) {
      data(from.loop,
           [&](DataExchange& exchange) { exchange.set_remote_loop(producer, on.loop, true); });
    }
    return setup.handle;
  }
  Handle consume(const Connection& on, uint16_t stream, Handle producer, const Connection& from) {
    return consume(on, stream, producer, from, ConsumeOptions{});
  }

  void data(unsigned loop, const std::function<void(DataExchange&)>& run) {
    world.command(loop, [&](MediaLoop& media) { run(media.data()); });
  }

  bool sctp_connected(const Connection& connection) {
    const auto states = events<SctpStateChanged>(connection.handle);
    return !states.empty() && states.back().state == SctpState::kConnected;
  }

  /// What a loop has told about an object, of one kind.
  template <class T>
  std::vector<T> events(Handle handle) const {
    return world.events_of<T>(handle);
  }
  template <class T>
  [[nodiscard]] size_t count(Handle handle) const {
    return events<T>(handle).size();
  }

  LoopWorld world;

 private:
  std::vector<const Connection*> connections_;
  Micros next_check_{0};
};

}  // namespace sluice::media::test
