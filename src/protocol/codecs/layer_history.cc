#include "protocol/codecs/layer_history.h"

namespace sluice::codecs {

void LayerHistory::add(int64_t number, Layers layers) {
  if (count_ > 0 && change(count_ - 1).number == number) {
    --count_;
  }
  while (count_ > 0 && (count_ == kCapacity || number - change(0).number > kMaxAge)) {
    first_ = (first_ + 1) % kCapacity;
    --count_;
  }
  changes_[(first_ + count_) % kCapacity] = {.number = number, .layers = layers};
  ++count_;
}

Layers LayerHistory::at(int64_t number, Layers current) const {
  if (count_ < 2) {
    return current;
  }
  size_t i = count_ - 1;
  while (i > 0 && change(i).number > number) {
    --i;
  }
  return change(i).layers;
}

}  // namespace sluice::codecs
