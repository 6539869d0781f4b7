// One data producer as seen from one loop: the data consumers that live on this loop. The loop of
// the producer has one, and so has each other loop with consumers of it; the former also knows
// which other loops those are. What a Fanout is for media.
#pragma once

#include <vector>

#include "base/types.h"
#include "media/data_message.h"
#include "media/loop_setup.h"

namespace sluice::media {

class DataExchange;
class LoopDataConsumer;

class DataFanout {
 public:
  DataFanout(DataExchange& exchange, Handle producer) : exchange_(exchange), producer_(producer) {}

  [[nodiscard]] Handle producer() const { return producer_; }
  [[nodiscard]] bool has_consumers() const { return !consumers_.empty(); }

  void add(LoopDataConsumer& consumer) { consumers_.push_back(&consumer); }
  void remove(LoopDataConsumer& consumer) { std::erase(consumers_, &consumer); }
  /// On the producer's loop: another loop gained its first consumer, or lost its last one.
  void set_remote_loop(unsigned loop, bool wanted);

  /// Takes a message to all consumers.
  void distribute(const SharedMessage& message, Micros now);

 private:
  DataExchange& exchange_;
  Handle producer_;
  std::vector<LoopDataConsumer*> consumers_;
  std::vector<unsigned> remote_loops_;
};

}  // namespace sluice::media
