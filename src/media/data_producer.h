// Messages that a transport receives on a data channel, or that the application has to send, as the
// control thread sees it (ortc-model 1.13).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "media/data_message.h"
#include "media/loop_pool.h"
#include "media/stats.h"
#include "protocol/ortc/sctp_parameters.h"

namespace sluice::media {

class DataConsumer;
class Transport;

/// Whether messages go over SCTP or to and from the application.
enum class DataType : uint8_t { kSctp, kDirect };
/// "sctp", "direct".
const char* to_string(DataType type);

class DataProducer : public std::enable_shared_from_this<DataProducer> {
 public:
  ~DataProducer();
  DataProducer(const DataProducer&) = delete;
  DataProducer& operator=(const DataProducer&) = delete;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] bool closed() const { return closed_; }
  /// Why requests are refused once it is closed.
  [[nodiscard]] Error closed_error() const;
  [[nodiscard]] DataType type() const { return stream_ ? DataType::kSctp : DataType::kDirect; }
  /// Nothing for type direct.
  [[nodiscard]] const std::optional<ortc::SctpStreamParameters>& sctp_stream_parameters() const {
    return stream_;
  }
  [[nodiscard]] const std::string& label() const { return label_; }
  [[nodiscard]] const std::string& protocol() const { return protocol_; }
  [[nodiscard]] bool paused() const { return paused_; }

  /// Open ones, in order of creation.
  [[nodiscard]] std::vector<std::shared_ptr<DataConsumer>> data_consumers() const;

  /// Messages are still received and counted, but no longer forwarded. Idempotent. Error: closed.
  Result<void> pause();
  Result<void> resume();
  /// Type direct: takes a message to the data consumers. One that is larger than the transport
  /// allows is dropped. Errors: TypeError for type sctp; closed.
  Result<void> send(DataMessage message);
  void get_stats(Reply<DataProducerStats> reply);
  /// What it is made of, for diagnosis and tests (dump.h). Error: closed.
  [[nodiscard]] Result<boost::json::object> dump() const;
  /// Idempotent. Its data consumers close too.
  void close();

  Signal<> on_pause;
  Signal<> on_resume;
  /// The transport was closed; `on_close` follows.
  Signal<> on_transport_close;
  /// Emitted once, whatever the reason.
  Signal<> on_close;

 private:
  friend class Transport;
  friend class DataConsumer;

  DataProducer() = default;
  /// Ends the object here and on its loop; the caller tells the listeners.
  void end();
  void transport_closed();
  void close_consumers();
  Result<void> set_paused(bool paused);
  /// Data consumers on one loop share one subscription there.
  void add_consumer(const std::shared_ptr<DataConsumer>& consumer, unsigned loop);
  void remove_consumer(const DataConsumer& consumer, unsigned loop);

  std::weak_ptr<Transport> transport_;
  std::string id_;
  Handle handle_ = 0;
  std::optional<ortc::SctpStreamParameters> stream_;
  std::string label_;
  std::string protocol_;
  size_t max_message_size_ = 0;  ///< of messages of the application, bytes
  bool closed_ = false;
  bool paused_ = false;
  std::map<Handle, std::weak_ptr<DataConsumer>> consumers_;  ///< in order of creation
  std::unordered_map<unsigned, unsigned> consumers_by_loop_;
  unsigned loop_ = 0;
  LoopPool* loops_ = nullptr;
};

}  // namespace sluice::media
