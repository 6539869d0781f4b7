#include "media/sctp_session.h"

#include <algorithm>
#include <span>
#include <utility>
#include <variant>

#include "base/log.h"
#include "media/data_exchange.h"
#include "media/loop_data_consumer.h"
#include "media/loop_data_producer.h"
#include "media/media_loop.h"

namespace sluice::media {

SctpSession::SctpSession(MediaLoop& loop, Handle transport, const sctp::Options& options,
                         Carrier carrier)
    : loop_(loop),
      transport_(transport),
      data_channels_(options.data_channels),
      carrier_(std::move(carrier)),
      association_(options),
      timer_(net::Timer::of<&SctpSession::on_timeout>(this)) {
  loop_.data().add_session(*this);
}

SctpSession::~SctpSession() {
  loop_.data().remove_session(*this);
}

// --- the path ------------------------------------------------------------------------------------

void SctpSession::set_path(bool up, Micros now) {
  path_up_ = up;
  if (up && state_ == SctpState::kNew) {
    association_.connect(now);
    set_state(SctpState::kConnecting);
    wait_for_flush();
  }
}

void SctpSession::on_path_lost() {
  path_up_ = false;
  if (state_ == SctpState::kConnecting || state_ == SctpState::kConnected) {
    association_.close();
    timer_.cancel();
    set_state(state_ == SctpState::kConnected ? SctpState::kClosed : SctpState::kFailed);
  }
}

void SctpSession::on_packet(Bytes packet, Micros now) {
  association_.on_packet(packet, now);
  wait_for_flush();
}

void SctpSession::close(Micros now) {
  association_.close();
  timer_.cancel();
  while (const auto packet = association_.poll_transmit(now)) {
    carrier_(*packet, now);
  }
}

void SctpSession::on_timeout(Micros now) {
  association_.on_timeout(now);
  wait_for_flush();
}

void SctpSession::wait_for_flush() {
  if (!std::exchange(waiting_, true)) {
    loop_.data().add_waiting(*this);
  }
}

void SctpSession::flush(Micros now) {
  waiting_ = false;
  // Messages that are taken make room for more, which the packets tell the peer.
  take_events(now);
  while (const auto packet = association_.poll_transmit(now)) {
    carrier_(*packet, now);
  }
  take_events(now);
  if (const auto next = association_.next_timeout()) {
    loop_.timers().schedule(timer_, *next);
  } else {
    timer_.cancel();
  }
}

// --- what the association tells ------------------------------------------------------------------

void SctpSession::take_events(Micros now) {
  while (auto event = association_.poll_event()) {
    on_event(*event, now);
  }
}

void SctpSession::on_event(sctp::Event& event, Micros now) {
  if (auto* message = std::get_if<sctp::Message>(&event)) {
    on_message(*message, now);
  } else if (const auto* low = std::get_if<sctp::BufferedAmountLow>(&event)) {
    if (const auto found = consumers_.find(low->stream); found != consumers_.end()) {
      found->second->on_buffered_amount_low(low->amount);
    }
  } else if (const auto* large = std::get_if<sctp::MessageTooLarge>(&event)) {
    ++counters_.oversized;
    logger("sctp")->debug("message too large transport={} stream={}", transport_, large->stream);
  } else if (std::holds_alternative<sctp::Connected>(event)) {
    set_state(SctpState::kConnected);
  } else if (const auto* failed = std::get_if<sctp::Failed>(&event)) {
    logger("sctp")->debug("association failed transport={} reason=\"{}\"", transport_,
                          failed->reason);
    set_state(SctpState::kFailed);
  } else if (const auto* closed = std::get_if<sctp::Closed>(&event)) {
    logger("sctp")->debug("association closed transport={} reason=\"{}\"", transport_,
                          closed->reason);
    set_state(SctpState::kClosed);
  } else if (const auto* refused = std::get_if<sctp::StreamsRefused>(&event)) {
    logger("sctp")->debug("peer refuses streams transport={} streams={}", transport_,
                          refused->outgoing_streams);
  }
}

void SctpSession::on_message(sctp::Message& message, Micros now) {
  const auto found = producers_.find(message.stream);
  if (found == producers_.end()) {
    ++counters_.unknown_streams;
    logger("sctp")->debug("message for no data producer transport={} stream={}", transport_,
                          message.stream);
    return;
  }
  found->second->on_message(std::make_shared<const DataMessage>(
                                DataMessage::make(message.ppid, std::move(message.payload))),
                            now);
}

void SctpSession::set_state(SctpState state) {
  state_ = state;
  loop_.emit(transport_, TransportEvent{SctpStateChanged{state}});
}

// --- streams -------------------------------------------------------------------------------------

bool SctpSession::add_producer(uint16_t stream, LoopDataProducer& producer) {
  const bool added = producers_.try_emplace(stream, &producer).second;
  if (added) {
    association_.open_stream(stream);
  }
  return added;
}

void SctpSession::remove_producer(uint16_t stream) {
  producers_.erase(stream);
  const std::span<const uint16_t> streams(&stream, 1);
  if (data_channels_) {
    association_.reset_streams(streams, loop_.now());
  } else {
    association_.ask_reset(streams);
  }
  wait_for_flush();
}

bool SctpSession::add_consumer(uint16_t stream, LoopDataConsumer& consumer) {
  const bool added = consumers_.try_emplace(stream, &consumer).second;
  if (added) {
    association_.open_stream(stream);
  }
  return added;
}

void SctpSession::remove_consumer(uint16_t stream) {
  consumers_.erase(stream);
  association_.set_buffered_amount_low_threshold(stream, 0);
  association_.reset_streams({&stream, 1}, loop_.now());
  wait_for_flush();
}

DataSendOutcome SctpSession::send(const DataStream& stream, const DataMessage& message,
                                  Micros now) {
  if (!connected()) {
    return DataSendOutcome::kInactive;
  }
  switch (association_.send(stream.id, message.ppid, message.payload, stream.reliability, now)) {
    case sctp::SendResult::kAccepted:
      wait_for_flush();
      return DataSendOutcome::kSent;
    case sctp::SendResult::kNotConnected:
      return DataSendOutcome::kInactive;
    case sctp::SendResult::kInvalidStream:
      return DataSendOutcome::kInvalidStream;
    case sctp::SendResult::kTooLarge:
      return DataSendOutcome::kTooLarge;
    case sctp::SendResult::kBufferFull:
      break;
  }
  // Dropping what has expired may have had effects.
  wait_for_flush();
  return DataSendOutcome::kBufferFull;
}

SctpDump SctpSession::dump() const {
  SctpDump dump;
  dump.buffered_amount = association_.buffered_amount();
  for (const auto& [stream, producer] : producers_) {
    dump.streams.emplace_back(stream, producer->handle());
  }
  std::ranges::sort(dump.streams);
  return dump;
}

}  // namespace sluice::media
