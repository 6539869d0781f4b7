// A data producer's messages sent on a transport, or given to the application, as the control
// thread sees it (ortc-model 1.14).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "media/basic_consumer.h"
#include "media/basic_producer.h"
#include "media/data_message.h"
#include "media/data_producer.h"
#include "media/events.h"
#include "media/loop_pool.h"
#include "media/stats.h"
#include "protocol/ortc/sctp_parameters.h"

namespace sluice::media {

class DataConsumer final : public BasicConsumer<DataConsumer, DataProducer> {
 public:
  ~DataConsumer();

  [[nodiscard]] const std::string& data_producer_id() const { return producer_id_; }
  [[nodiscard]] DataType type() const { return stream_ ? DataType::kSctp : DataType::kDirect; }
  /// Nothing for type direct.
  [[nodiscard]] const std::optional<ortc::SctpStreamParameters>& sctp_stream_parameters() const {
    return stream_;
  }
  [[nodiscard]] const std::string& label() const { return label_; }
  [[nodiscard]] const std::string& protocol() const { return protocol_; }
  [[nodiscard]] bool data_producer_paused() const { return producer_paused_; }
  /// Ascending.
  [[nodiscard]] const std::vector<uint16_t>& subchannels() const { return subchannels_; }

  // Each fails once the data consumer is closed.
  /// Subchannel numbers count modulo 65536. Adding one twice, or removing one that it does not
  /// have, is fine.
  Result<void> set_subchannels(std::span<const int64_t> numbers);
  Result<void> add_subchannel(int64_t number);
  Result<void> remove_subchannel(int64_t number);
  /// Bytes. `on_buffered_amount_low` comes soon when no more is buffered now, otherwise when the
  /// amount has fallen to it. TypeError for type direct.
  Result<void> set_buffered_amount_low_threshold(uint32_t bytes);
  /// Bytes of this data consumer that the peer has not acknowledged. TypeError for type direct.
  void get_buffered_amount(Reply<size_t> reply);
  /// Sends a message of the application. Errors: TypeError for type direct, and for a message that
  /// is larger than the transport sends; Error when paused, not connected, or the send buffer is
  /// full.
  void send(DataMessage message, Reply<void> reply);
  void get_stats(Reply<DataConsumerStats> reply);
  /// What it is made of, for diagnosis and tests (dump.h). Error: closed.
  [[nodiscard]] Result<boost::json::object> dump() const;

  /// Type direct: a message of the data producer.
  Signal<const DataMessage&> on_message;
  /// Messages were dropped because too much waits to be sent.
  Signal<> on_sctp_send_buffer_full;
  /// The buffered amount, in bytes, has fallen to the threshold or below.
  Signal<size_t> on_buffered_amount_low;
  Signal<> on_data_producer_pause;
  Signal<> on_data_producer_resume;
  /// The data producer is gone; `on_close` follows.
  Signal<> on_data_producer_close;

 private:
  friend class Transport;
  friend class LoopPool;
  friend class BasicConsumer<DataConsumer, DataProducer>;
  friend class BasicProducer<DataProducer, DataConsumer>;

  static constexpr const char* kName = "data consumer";

  DataConsumer() = default;
  [[nodiscard]] Handle handle() const { return handle_; }
  void command_paused(bool paused);
  void command_producer_paused(bool paused);
  void tell_producer_paused(bool paused) {
    (paused ? on_data_producer_pause : on_data_producer_resume).emit();
  }
  void tell_producer_closed() { on_data_producer_close.emit(); }
  void leave();
  void on_event(const DataConsumerEvent& event);
  void take_message(const DataMessage& message);
  Result<void> apply_subchannels(std::vector<uint16_t> subchannels);
  /// Refuses what needs SCTP when there is none, or once closed.
  [[nodiscard]] Result<void> check_sctp(const char* what) const;

  Handle handle_ = 0;
  std::optional<ortc::SctpStreamParameters> stream_;
  std::string label_;
  std::string protocol_;
  std::vector<uint16_t> subchannels_;
  uint32_t low_threshold_ = 0;
  size_t untold_ = 0;  ///< cost of messages that were taken, and the loop not told of
};

extern template class BasicConsumer<DataConsumer, DataProducer>;

}  // namespace sluice::media
