// What travels from a loop to the control thread: an event and the object it is about.
#pragma once

#include <functional>
#include <variant>

#include "media/events.h"
#include "media/loop_setup.h"

namespace sluice::media {

struct LoopEvent {
  Handle target = 0;
  std::variant<TransportEvent, ProducerEvent, ConsumerEvent, DataConsumerEvent, ObserverEvent>
      event;
};

/// Takes events from a loop's thread.
using EventSink = std::function<void(LoopEvent)>;

}  // namespace sluice::media
