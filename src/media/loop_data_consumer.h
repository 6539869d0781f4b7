// A data consumer on its loop: messages of a data producer that go out on a stream of a transport,
// or to the application (media-plane 9.4, ortc-model 5.5).
#pragma once

#include <cstdint>
#include <vector>

#include "base/types.h"
#include "media/data_message.h"
#include "media/data_setup.h"

namespace sluice::media {

class DataFanout;
class MediaLoop;
class SctpSession;

class LoopDataConsumer {
 public:
  /// `session` is null without a stream. All outlive it.
  LoopDataConsumer(MediaLoop& loop, const DataConsumerSetup& setup, SctpSession* session,
                   DataFanout& fanout);
  ~LoopDataConsumer();
  LoopDataConsumer(const LoopDataConsumer&) = delete;
  LoopDataConsumer& operator=(const LoopDataConsumer&) = delete;

  [[nodiscard]] Handle handle() const { return setup_.handle; }
  [[nodiscard]] const SctpSession* session() const { return session_; }
  [[nodiscard]] const DataCounters& sent() const { return sent_; }
  DataFanout& fanout() { return fanout_; }

  // Commands.
  void set_paused(bool paused) { setup_.paused = paused; }
  void set_producer_paused(bool paused) { setup_.producer_paused = paused; }
  void set_subchannels(std::vector<uint16_t> subchannels) {
    setup_.subchannels = std::move(subchannels);
  }
  /// Reports at once when no more than that is buffered, otherwise when it has come down to it.
  void set_buffered_amount_low_threshold(size_t bytes);
  /// A message of the application.
  DataSendOutcome send(const DataMessage& message, Micros now);
  /// The application has taken that much, DataMessage::cost(), of what it was given.
  void on_delivered(size_t cost);

  /// A message of the producer.
  void on_message(const SharedMessage& message, Micros now);
  void on_buffered_amount_low(size_t amount);
  /// Bytes that wait in the association; 0 without one.
  [[nodiscard]] size_t buffered_amount() const;

 private:
  /// Bytes that may be on their way to the application. A control thread that is busier than this
  /// loses messages rather than memory.
  static constexpr size_t kMaxUndelivered = size_t{8} * 1024 * 1024;

  [[nodiscard]] bool wants(const DataMessage& message) const;
  [[nodiscard]] bool active() const { return !setup_.paused && !setup_.producer_paused; }
  DataSendOutcome send_to_peer(const DataMessage& message, Micros now);
  void deliver(const SharedMessage& message, Micros now);
  void report_full(Micros now);

  MediaLoop& loop_;
  DataConsumerSetup setup_;
  SctpSession* session_;
  DataFanout& fanout_;
  DataCounters sent_;
  size_t undelivered_ = 0;
  Micros last_full_report_{-1};
};

}  // namespace sluice::media
