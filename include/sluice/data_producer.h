// Messages that a transport receives on a data channel, or that the program sends.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/error.h"
#include "sluice/event.h"
#include "sluice/handle.h"
#include "sluice/reply.h"
#include "sluice/types.h"

namespace sluice {

class DataConsumer;

struct MessageOptions {
  /// SCTP payload protocol identifier (RFC 8831 section 8); nothing: that of text or of bytes.
  std::optional<uint32_t> ppid{};
  /// Who gets it: data consumers that have one of these subchannels; empty: all.
  std::vector<uint16_t> subchannels{};
  /// Data consumers without this subchannel do not get it.
  std::optional<uint16_t> required_subchannel{};
};

class DataProducer : public Handle<media::DataProducer> {
 public:
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] bool closed() const;
  [[nodiscard]] DataType type() const;
  /// SctpStreamParameters; null for type direct.
  [[nodiscard]] boost::json::value sctp_stream_parameters() const;
  [[nodiscard]] const std::string& label() const;
  [[nodiscard]] const std::string& protocol() const;
  [[nodiscard]] bool paused() const;
  /// Open ones, in order of creation.
  [[nodiscard]] std::vector<DataConsumer> data_consumers() const;

  /// Messages are still received and counted, but no longer forwarded. Idempotent. Error: closed.
  Result<void> pause() const;
  Result<void> resume() const;
  // Type direct: gives a message to the data consumers. One that is larger than the transport
  // allows is dropped. Errors: TypeError for type sctp; closed.
  Result<void> send(std::string_view text, const MessageOptions& options = {}) const;
  Result<void> send(Bytes message, const MessageOptions& options = {}) const;
  /// One entry, as mediasoup's `dataProducer.getStats()`.
  void get_stats(Reply<boost::json::array> reply) const;
  /// What it is made of, as mediasoup's `dataProducer.dump()`. Error: closed.
  [[nodiscard]] Result<boost::json::object> dump() const;
  /// Idempotent. Its data consumers close too.
  void close() const;

  Connection on_pause(std::function<void()> listener) const;
  Connection on_resume(std::function<void()> listener) const;
  /// The transport was closed; `on_close` follows.
  Connection on_transport_close(std::function<void()> listener) const;
  /// Told once, whatever the reason.
  Connection on_close(std::function<void()> listener) const;
};

}  // namespace sluice
