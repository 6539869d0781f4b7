#include "media/basic_producer.h"

#include "media/consumer.h"
#include "media/data_consumer.h"
#include "media/data_producer.h"
#include "media/producer.h"

namespace sluice::media {

template <class Self, class Consumer>
Error BasicProducer<Self, Consumer>::closed_error() const {
  return loops_->closed_error(std::string(Self::kName) + " " + id_);
}

template <class Self, class Consumer>
Result<void> BasicProducer<Self, Consumer>::set_paused(bool paused) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  if (paused_ == paused) {
    return {};
  }
  paused_ = paused;
  self().command_paused(paused);
  const auto alive = this->shared_from_this();
  (paused ? on_pause : on_resume).emit();
  for (const auto& consumer : open_consumers()) {
    consumer->producer_pause_changed(paused);
  }
  return {};
}

template <class Self, class Consumer>
void BasicProducer<Self, Consumer>::close() {
  if (closed_) {
    return;
  }
  const auto alive = this->shared_from_this();
  end();
  on_close.emit();
  close_consumers();
}

template <class Self, class Consumer>
void BasicProducer<Self, Consumer>::transport_closed() {
  const auto alive = this->shared_from_this();
  end();
  on_transport_close.emit();
  on_close.emit();
}

template <class Self, class Consumer>
void BasicProducer<Self, Consumer>::end() {
  closed_ = true;
  self().leave();
}

template <class Self, class Consumer>
void BasicProducer<Self, Consumer>::close_consumers() {
  for (const auto& consumer : open_consumers()) {
    consumer->producer_closed();
  }
}

template <class Self, class Consumer>
void BasicProducer<Self, Consumer>::add_consumer(const std::shared_ptr<Consumer>& consumer) {
  if (consumers_.add(consumer->handle(), consumer, consumer->loop_) && consumer->loop_ != loop_) {
    self().command_remote_loop(consumer->loop_, true);
  }
}

template <class Self, class Consumer>
void BasicProducer<Self, Consumer>::remove_consumer(const Consumer& consumer) {
  if (consumers_.remove(consumer.handle(), consumer.loop_) && consumer.loop_ != loop_ && !closed_) {
    self().command_remote_loop(consumer.loop_, false);
  }
}

template class BasicProducer<Producer, Consumer>;
template class BasicProducer<DataProducer, DataConsumer>;

}  // namespace sluice::media
