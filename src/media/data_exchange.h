// The data producers and data consumers of one loop, and the way of their messages to other loops.
// Part of a MediaLoop; used on that loop only.
//
// Messages for another loop are collected during a turn and posted together at its end; the other
// loop answers with how much it has taken. What is on its way to a loop is bounded by that: a loop
// that is too slow loses messages, as a peer does whose send buffer is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/types.h"
#include "media/data_fanout.h"
#include "media/data_message.h"
#include "media/data_setup.h"
#include "media/loop_data_consumer.h"
#include "media/loop_data_producer.h"

namespace sluice::media {

class MediaLoop;
class SctpSession;

class DataExchange {
 public:
  /// Bytes, DataMessage::cost(), that may be on their way to one other loop. A larger message is
  /// taken when there is nothing else.
  static constexpr size_t kMaxInTransit = size_t{16} * 1024 * 1024;

  /// A message for the consumers of a producer on another loop.
  struct Relayed {
    Handle producer = 0;
    SharedMessage message;
  };

  DataExchange(MediaLoop& loop, unsigned loop_count);
  ~DataExchange();
  DataExchange(const DataExchange&) = delete;
  DataExchange& operator=(const DataExchange&) = delete;

  // Commands of the control thread. Unknown handles are ignored: their object is gone already.
  void add_producer(const DataProducerSetup& setup);
  void remove_producer(Handle producer);
  void set_producer_paused(Handle producer, bool paused);
  /// Another loop has its first consumer of this producer, or no longer any.
  void set_remote_loop(Handle producer, unsigned loop, bool wanted);
  /// A message of the application.
  void produce(Handle producer, const SharedMessage& message);
  void add_consumer(const DataConsumerSetup& setup);
  void remove_consumer(Handle consumer);
  void set_consumer_paused(Handle consumer, bool paused);
  void set_consumer_producer_paused(Handle consumer, bool paused);
  void set_consumer_subchannels(Handle consumer, std::vector<uint16_t> subchannels);
  void set_consumer_low_threshold(Handle consumer, size_t bytes);
  /// The application has taken that much, DataMessage::cost(), of what this consumer gave to it.
  void on_delivered(Handle consumer, size_t cost);
  DataSendOutcome send(Handle consumer, const DataMessage& message);
  [[nodiscard]] DataCounters producer_counters(Handle producer) const;
  [[nodiscard]] DataCounters consumer_counters(Handle consumer) const;
  /// Bytes.
  [[nodiscard]] size_t buffered_amount(Handle consumer) const;
  /// Nothing for a transport without SCTP.
  [[nodiscard]] std::optional<SctpDump> sctp_dump(Handle transport) const;

  // From other loops.
  void on_relayed(unsigned from, const std::vector<Relayed>& messages);
  void on_relay_taken(unsigned to, size_t cost);

  // For the objects on this loop.
  void add_session(SctpSession& session);
  /// Its data producers and consumers go with it.
  void remove_session(SctpSession& session);
  /// The session wants to be flushed at the end of this turn.
  void add_waiting(SctpSession& session) { waiting_.push_back(&session); }
  /// Sends a message to the producer's consumers on another loop.
  void relay(unsigned to, Handle producer, const SharedMessage& message);

  /// At the end of a turn.
  void flush(Micros now);

  [[nodiscard]] size_t fanout_count() const { return fanouts_.size(); }
  /// Messages that were lost because another loop was too slow.
  [[nodiscard]] uint64_t overruns() const { return overruns_; }

 private:
  /// The way to another loop, and from it.
  struct Link {
    std::vector<Relayed> outgoing;
    size_t in_transit = 0;  ///< cost of what the other loop has not taken yet
    size_t taken = 0;       ///< cost of what came from there, not told yet
  };

  SctpSession* session(Handle transport) const;
  LoopDataProducer* producer(Handle handle) const;
  LoopDataConsumer* consumer(Handle handle) const;
  DataFanout& fanout(Handle producer);
  void release_fanout(Handle producer);
  void flush_link(unsigned to);

  MediaLoop& loop_;
  std::vector<Link> links_;  ///< by loop
  std::unordered_map<Handle, SctpSession*> sessions_;
  std::vector<SctpSession*> waiting_;
  std::unordered_map<Handle, std::unique_ptr<DataFanout>> fanouts_;
  std::unordered_map<Handle, std::unique_ptr<LoopDataProducer>> producers_;
  std::unordered_map<Handle, std::unique_ptr<LoopDataConsumer>> consumers_;
  uint64_t overruns_ = 0;
};

}  // namespace sluice::media
