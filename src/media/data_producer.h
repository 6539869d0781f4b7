// Messages that a transport receives on a data channel, or that the application has to send, as the
// control thread sees it (ortc-model 1.13).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "media/basic_producer.h"
#include "media/data_message.h"
#include "media/loop_pool.h"
#include "media/stats.h"
#include "protocol/ortc/sctp_parameters.h"

namespace sluice::media {

class DataConsumer;

/// Whether messages go over SCTP or to and from the application.
enum class DataType : uint8_t { kSctp, kDirect };
/// "sctp", "direct".
const char* to_string(DataType type);

class DataProducer final : public BasicProducer<DataProducer, DataConsumer> {
 public:
  ~DataProducer();

  [[nodiscard]] DataType type() const { return stream_ ? DataType::kSctp : DataType::kDirect; }
  /// Nothing for type direct.
  [[nodiscard]] const std::optional<ortc::SctpStreamParameters>& sctp_stream_parameters() const {
    return stream_;
  }
  [[nodiscard]] const std::string& label() const { return label_; }
  [[nodiscard]] const std::string& protocol() const { return protocol_; }

  /// Open ones, in order of creation.
  [[nodiscard]] std::vector<std::shared_ptr<DataConsumer>> data_consumers() const {
    return open_consumers();
  }

  /// Type direct: takes a message to the data consumers. One that is larger than the transport
  /// allows is dropped. Errors: TypeError for type sctp; closed.
  Result<void> send(DataMessage message);
  void get_stats(Reply<DataProducerStats> reply);
  /// What it is made of, for diagnosis and tests (dump.h). Error: closed.
  [[nodiscard]] Result<boost::json::object> dump() const;

 private:
  friend class Transport;

  friend class BasicProducer<DataProducer, DataConsumer>;

  static constexpr const char* kName = "data producer";

  DataProducer() = default;
  void command_paused(bool paused);
  void command_remote_loop(unsigned loop, bool wanted);
  void leave();

  std::optional<ortc::SctpStreamParameters> stream_;
  std::string label_;
  std::string protocol_;
  size_t max_message_size_ = 0;  ///< of messages of the application, bytes
};

extern template class BasicProducer<DataProducer, DataConsumer>;

}  // namespace sluice::media
