// A data producer's messages sent on a transport, or given to the program.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/error.h"
#include "sluice/event.h"
#include "sluice/handle.h"
#include "sluice/reply.h"
#include "sluice/types.h"

namespace sluice {

class DataConsumer : public Handle<media::DataConsumer> {
 public:
  /// `{id, dataProducerId, sctpStreamParameters, label, protocol}`, the third one for type sctp
  /// only: what mediasoup-client's `transport.consumeData` takes.
  [[nodiscard]] boost::json::object client_parameters() const;

  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] const std::string& data_producer_id() const;
  [[nodiscard]] bool closed() const;
  [[nodiscard]] DataType type() const;
  /// SctpStreamParameters, for the receiver; null for type direct.
  [[nodiscard]] boost::json::value sctp_stream_parameters() const;
  [[nodiscard]] const std::string& label() const;
  [[nodiscard]] const std::string& protocol() const;
  [[nodiscard]] bool paused() const;
  [[nodiscard]] bool data_producer_paused() const;
  /// Ascending.
  [[nodiscard]] std::vector<uint16_t> subchannels() const;

  // Idempotent. Error: closed.
  Result<void> pause() const;
  Result<void> resume() const;
  // Adding a subchannel twice, or removing one that it does not have, is fine. Error: closed.
  Result<void> set_subchannels(std::span<const uint16_t> subchannels) const;
  Result<void> add_subchannel(uint16_t subchannel) const;
  Result<void> remove_subchannel(uint16_t subchannel) const;
  /// Bytes. `on_buffered_amount_low` comes soon when no more is buffered now, else when the amount
  /// has fallen to it. Errors: TypeError for type direct; closed.
  Result<void> set_buffered_amount_low_threshold(uint32_t bytes) const;
  /// Bytes that the peer has not acknowledged. Errors: TypeError for type direct; closed.
  void get_buffered_amount(Reply<size_t> reply) const;
  // Type sctp: sends a message of the program. Errors: TypeError for type direct, and for a message
  // that is larger than the peer takes; Error when paused, not connected, the send buffer is full,
  // or closed.
  void send(std::string_view text, Reply<void> reply) const;
  void send(Bytes message, Reply<void> reply) const;
  /// The same with any SCTP payload protocol identifier.
  void send(uint32_t ppid, Bytes message, Reply<void> reply) const;
  /// One entry, as mediasoup's `dataConsumer.getStats()`.
  void get_stats(Reply<boost::json::array> reply) const;
  /// What it is made of, as mediasoup's `dataConsumer.dump()`. Error: closed.
  [[nodiscard]] Result<boost::json::object> dump() const;
  /// Idempotent.
  void close() const;

  /// Type direct: a message, and its SCTP payload protocol identifier. The bytes are valid for the
  /// call; an empty message (identifier 56 or 57) has one byte that means nothing.
  Connection on_message(std::function<void(Bytes message, uint32_t ppid)> listener) const;
  /// Messages were dropped because too much waits to be sent.
  Connection on_sctp_send_buffer_full(std::function<void()> listener) const;
  /// The buffered amount, in bytes, has fallen to the threshold or below.
  Connection on_buffered_amount_low(std::function<void(size_t)> listener) const;
  Connection on_data_producer_pause(std::function<void()> listener) const;
  Connection on_data_producer_resume(std::function<void()> listener) const;
  // The effective state has changed: paused here or at the data producer.
  Connection on_pause(std::function<void()> listener) const;
  Connection on_resume(std::function<void()> listener) const;
  /// The data producer is gone; `on_close` follows.
  Connection on_data_producer_close(std::function<void()> listener) const;
  /// The transport was closed; `on_close` follows.
  Connection on_transport_close(std::function<void()> listener) const;
  /// Told once, whatever the reason.
  Connection on_close(std::function<void()> listener) const;
};

}  // namespace sluice
