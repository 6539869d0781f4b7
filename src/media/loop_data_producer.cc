#include "media/loop_data_producer.h"

#include "base/log.h"
#include "media/data_fanout.h"
#include "media/sctp_session.h"

namespace sluice::media {

LoopDataProducer::LoopDataProducer(const DataProducerSetup& setup, SctpSession* session,
                                   DataFanout& fanout)
    : setup_(setup), session_(session), fanout_(fanout) {
  if (session_ != nullptr && !session_->add_producer(*setup_.stream, *this)) {
    logger("sctp")->error("stream has a data producer already transport={} stream={}",
                          setup_.transport, *setup_.stream);
    session_ = nullptr;
  }
}

LoopDataProducer::~LoopDataProducer() {
  if (session_ != nullptr) {
    session_->remove_producer(*setup_.stream);
  }
}

void LoopDataProducer::on_message(const SharedMessage& message, Micros now) {
  ++received_.messages;
  received_.bytes += message->payload.size();
  if (!setup_.paused) {
    fanout_.distribute(message, now);
  }
}

}  // namespace sluice::media
