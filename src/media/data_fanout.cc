#include "media/data_fanout.h"

#include "media/data_exchange.h"
#include "media/loop_data_consumer.h"

namespace sluice::media {

void DataFanout::set_remote_loop(unsigned loop, bool wanted) {
  std::erase(remote_loops_, loop);
  if (wanted) {
    remote_loops_.push_back(loop);
  }
}

void DataFanout::distribute(const SharedMessage& message, Micros now) {
  for (const unsigned loop : remote_loops_) {
    exchange_.relay(loop, producer_, message);
  }
  for (LoopDataConsumer* const consumer : consumers_) {
    consumer->on_message(message, now);
  }
}

}  // namespace sluice::media
