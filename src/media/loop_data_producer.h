// A data producer on its loop: messages that a transport receives on one stream, or that the
// application gives to it (media-plane 9.4).
#pragma once

#include "base/types.h"
#include "media/data_message.h"
#include "media/data_setup.h"

namespace sluice::media {

class DataFanout;
class SctpSession;

class LoopDataProducer {
 public:
  /// `session` is null without a stream. Both outlive it.
  LoopDataProducer(const DataProducerSetup& setup, SctpSession* session, DataFanout& fanout);
  ~LoopDataProducer();
  LoopDataProducer(const LoopDataProducer&) = delete;
  LoopDataProducer& operator=(const LoopDataProducer&) = delete;

  [[nodiscard]] Handle handle() const { return setup_.handle; }
  [[nodiscard]] const SctpSession* session() const { return session_; }
  [[nodiscard]] const DataCounters& received() const { return received_; }
  DataFanout& fanout() { return fanout_; }

  /// A paused one counts messages, and forwards none.
  void set_paused(bool paused) { setup_.paused = paused; }
  void on_message(const SharedMessage& message, Micros now);

 private:
  DataProducerSetup setup_;
  SctpSession* session_;
  DataFanout& fanout_;
  DataCounters received_;
};

}  // namespace sluice::media
