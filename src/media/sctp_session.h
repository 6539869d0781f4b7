// The data side of one transport on its loop, of whatever kind the transport is: its SCTP
// association, and the way from received messages to data producers and from data consumers to the
// wire (media-plane 9). What an RtpSession is for media.
//
// The transport says when the path is up and hands in packets; the session hands out packets
// through its carrier, as DTLS records or as datagrams. Nothing is sent while a call of another
// object is going on: what is due leaves at the end of the loop's turn, so that acknowledgements
// and small messages of a turn share packets.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>

#include "base/types.h"
#include "media/data_message.h"
#include "media/data_setup.h"
#include "media/events.h"
#include "net/timer_wheel.h"
#include "protocol/sctp/association.h"

namespace sluice::media {

class LoopDataConsumer;
class LoopDataProducer;
class MediaLoop;

class SctpSession {
 public:
  /// Takes a packet to the peer. Its bytes are valid for the call.
  using Carrier = std::function<void(Bytes packet, Micros now)>;

  struct Counters {
    uint64_t unknown_streams = 0;  ///< messages for no data producer
    uint64_t oversized = 0;        ///< messages of the peer that were dropped
  };

  /// `transport` is its owner.
  SctpSession(MediaLoop& loop, Handle transport, const sctp::Options& options, Carrier carrier);
  ~SctpSession();
  SctpSession(const SctpSession&) = delete;
  SctpSession& operator=(const SctpSession&) = delete;

  // From the transport.
  /// Whether packets get through now. The association begins when they do for the first time.
  void set_path(bool up, Micros now);
  /// Packets will never get through again; the association is over.
  void on_path_lost();
  void on_packet(Bytes packet, Micros now);
  /// Says goodbye to the peer; the object is destroyed next.
  void close(Micros now);

  [[nodiscard]] Handle transport() const { return transport_; }
  [[nodiscard]] SctpState state() const { return state_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] SctpDump dump() const;

  // For data producers and consumers. A stream has one of each at most, which are independent of
  // each other (ortc-model 9.6).
  /// False when the stream has one.
  bool add_producer(uint16_t stream, LoopDataProducer& producer);
  /// Closes its data channel.
  void remove_producer(uint16_t stream);
  bool add_consumer(uint16_t stream, LoopDataConsumer& consumer);
  /// Closes its data channel.
  void remove_consumer(uint16_t stream);
  /// Whether messages can be sent.
  [[nodiscard]] bool connected() const { return path_up_ && state_ == SctpState::kConnected; }
  DataSendOutcome send(const DataStream& stream, const DataMessage& message, Micros now);
  /// Bytes that the peer has not acknowledged yet.
  [[nodiscard]] size_t buffered_amount(uint16_t stream) const {
    return association_.buffered_amount(stream);
  }
  void set_buffered_amount_low_threshold(uint16_t stream, size_t bytes) {
    association_.set_buffered_amount_low_threshold(stream, bytes);
  }

  /// What is due at the end of a turn.
  void flush(Micros now);

 private:
  void on_event(sctp::Event& event, Micros now);
  void on_message(sctp::Message& message, Micros now);
  void take_events(Micros now);
  void set_state(SctpState state);
  void wait_for_flush();
  void on_timeout(Micros now);

  MediaLoop& loop_;
  Handle transport_;
  bool data_channels_;
  Carrier carrier_;
  sctp::Association association_;
  net::Timer timer_;
  SctpState state_ = SctpState::kNew;
  bool path_up_ = false;
  bool waiting_ = false;  ///< for flush()
  std::unordered_map<uint16_t, LoopDataProducer*> producers_;
  std::unordered_map<uint16_t, LoopDataConsumer*> consumers_;
  Counters counters_;
};

}  // namespace sluice::media
