#include "media/loop_data_consumer.h"

#include <algorithm>

#include "base/log.h"
#include "media/data_fanout.h"
#include "media/events.h"
#include "media/media_loop.h"
#include "media/sctp_session.h"

namespace sluice::media {

LoopDataConsumer::LoopDataConsumer(MediaLoop& loop, const DataConsumerSetup& setup,
                                   SctpSession* session, DataFanout& fanout)
    : loop_(loop), setup_(setup), session_(session), fanout_(fanout) {
  if (session_ != nullptr && !session_->add_consumer(setup_.stream->id, *this)) {
    logger("sctp")->error("stream has a data consumer already transport={} stream={}",
                          setup_.transport, setup_.stream->id);
    session_ = nullptr;
  }
  fanout_.add(*this);
}

LoopDataConsumer::~LoopDataConsumer() {
  fanout_.remove(*this);
  if (session_ != nullptr) {
    session_->remove_consumer(setup_.stream->id);
  }
}

void LoopDataConsumer::set_buffered_amount_low_threshold(size_t bytes) {
  if (session_ == nullptr) {
    return;
  }
  session_->set_buffered_amount_low_threshold(setup_.stream->id, bytes);
  if (const size_t amount = buffered_amount(); amount <= bytes) {
    on_buffered_amount_low(amount);
  }
}

size_t LoopDataConsumer::buffered_amount() const {
  return session_ == nullptr ? 0 : session_->buffered_amount(setup_.stream->id);
}

void LoopDataConsumer::on_buffered_amount_low(size_t amount) {
  loop_.emit(setup_.handle, DataConsumerEvent{BufferedAmountLow{amount}});
}

bool LoopDataConsumer::wants(const DataMessage& message) const {
  const auto has = [&](uint16_t subchannel) {
    return std::ranges::binary_search(setup_.subchannels, subchannel);
  };
  if (message.required_subchannel && !has(*message.required_subchannel)) {
    return false;
  }
  return message.subchannels.empty() || std::ranges::any_of(message.subchannels, has);
}

void LoopDataConsumer::on_message(const SharedMessage& message, Micros now) {
  if (!active() || !wants(*message)) {
    return;
  }
  if (setup_.stream) {
    send_to_peer(*message, now);
  } else {
    deliver(message, now);
  }
}

DataSendOutcome LoopDataConsumer::send(const DataMessage& message, Micros now) {
  return active() ? send_to_peer(message, now) : DataSendOutcome::kInactive;
}

DataSendOutcome LoopDataConsumer::send_to_peer(const DataMessage& message, Micros now) {
  if (session_ == nullptr) {
    return DataSendOutcome::kInactive;
  }
  const DataSendOutcome outcome = session_->send(*setup_.stream, message, now);
  if (outcome == DataSendOutcome::kSent) {
    ++sent_.messages;
    sent_.bytes += message.payload.size();
  } else if (outcome == DataSendOutcome::kBufferFull) {
    report_full(now);
  }
  return outcome;
}

void LoopDataConsumer::deliver(const SharedMessage& message, Micros now) {
  if (undelivered_ + message->cost() > kMaxUndelivered) {
    report_full(now);
    return;
  }
  undelivered_ += message->cost();
  ++sent_.messages;
  sent_.bytes += message->payload.size();
  loop_.emit(setup_.handle, DataConsumerEvent{DataMessageReceived{message}});
}

void LoopDataConsumer::on_delivered(size_t cost) {
  undelivered_ -= std::min(undelivered_, cost);
}

/// Once a turn at most: a fast producer must not flood the control thread with its losses.
void LoopDataConsumer::report_full(Micros now) {
  if (std::exchange(last_full_report_, now) != now) {
    loop_.emit(setup_.handle, DataConsumerEvent{SctpSendBufferFull{}});
  }
}

}  // namespace sluice::media
