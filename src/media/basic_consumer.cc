#include "media/basic_consumer.h"

#include "media/consumer.h"
#include "media/data_consumer.h"
#include "media/data_producer.h"
#include "media/producer.h"

namespace sluice::media {

template <class Self, class Producer>
Error BasicConsumer<Self, Producer>::closed_error() const {
  return loops_->closed_error(std::string(Self::kName) + " " + id_);
}

template <class Self, class Producer>
Result<void> BasicConsumer<Self, Producer>::set_paused(bool paused) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  if (paused_ == paused) {
    return {};
  }
  paused_ = paused;
  self().command_paused(paused);
  if (!producer_paused_) {
    const auto alive = this->shared_from_this();
    tell_paused(paused);
  }
  return {};
}

template <class Self, class Producer>
void BasicConsumer<Self, Producer>::producer_pause_changed(bool paused) {
  if (closed_ || producer_paused_ == paused) {
    return;
  }
  const auto alive = this->shared_from_this();
  producer_paused_ = paused;
  self().command_producer_paused(paused);
  self().tell_producer_paused(paused);
  if (!paused_) {
    tell_paused(paused);
  }
}

template <class Self, class Producer>
void BasicConsumer<Self, Producer>::close() {
  if (closed_) {
    return;
  }
  const auto alive = this->shared_from_this();
  end();
  on_close.emit();
}

template <class Self, class Producer>
void BasicConsumer<Self, Producer>::producer_closed() {
  if (closed_) {
    return;
  }
  const auto alive = this->shared_from_this();
  end();
  self().tell_producer_closed();
  on_close.emit();
}

template <class Self, class Producer>
void BasicConsumer<Self, Producer>::transport_closed() {
  const auto alive = this->shared_from_this();
  end();
  on_transport_close.emit();
  on_close.emit();
}

template <class Self, class Producer>
void BasicConsumer<Self, Producer>::end() {
  closed_ = true;
  if (const auto producer = producer_.lock()) {
    producer->remove_consumer(self());
  }
  self().leave();
}

template class BasicConsumer<Consumer, Producer>;
template class BasicConsumer<DataConsumer, DataProducer>;

}  // namespace sluice::media
