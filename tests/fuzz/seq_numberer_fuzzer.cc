// links: sluice_rtp
// Output numbering against an oracle that keeps every dropped input as a 64-bit number and counts
// them afresh for each input. The only difference allowed is that an input older than the bitmap is
// reported as dropped, when it lies between drops.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "base/bytes.h"
#include "protocol/rtp/seq_numberer.h"

namespace {

using namespace sluice;
using namespace sluice::rtp;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

template <unsigned Bits>
class Oracle {
 public:
  explicit Oracle(uint16_t initial) : initial_(initial & kMask), max_output_(initial_) {}

  void sync(uint16_t x) {
    max_input_ = started_ ? extend(x) : x & kMask;
    started_ = true;
    floor_ = max_input_;
    base_ = max_output_ - max_input_;
    drops_.clear();
  }

  void drop(uint16_t x) {
    const int64_t at = started_ ? extend(x) : x & kMask;
    if (!started_ || at > max_input_) {
      drops_.insert(at);
      max_input_ = at;
    }
    started_ = true;
  }

  /// The output modulo the range; nothing for dropped.
  std::optional<int64_t> input(uint16_t x) {
    const int64_t at = started_ ? extend(x) : x & kMask;
    if (!started_) {
      max_input_ = at;
    }
    started_ = true;
    last_ = at;
    if (drops_.contains(at) || (floor_ && at <= *floor_)) {
      return std::nullopt;
    }
    const int64_t lower = std::distance(drops_.begin(), drops_.lower_bound(at));
    return at + base_.value_or(initial_) - lower;
  }

  /// Takes over an output that the implementation gave.
  void accept(int64_t output) {
    max_input_ = std::max(max_input_, last_);
    if (!base_) {
      base_ = initial_;
      max_output_ = output;
    }
    max_output_ = std::max(max_output_, output);
  }

  [[nodiscard]] int64_t last_input() const { return last_; }

  /// True when the last input may be forgotten: older than the bitmap, with drops on both sides.
  [[nodiscard]] bool may_be_forgotten() const {
    return !drops_.empty() && last_ < *drops_.rbegin() - SeqNumberer<Bits>::kWindow &&
           last_ > *drops_.begin();
  }

 private:
  static constexpr int64_t kMask = (int64_t{1} << Bits) - 1;

  [[nodiscard]] int64_t extend(uint16_t x) const {
    const int64_t low = max_input_ & kMask;
    const int64_t value = x & kMask;
    const int64_t half = kMask / 2;
    const bool higher = (value > low && value - low <= half) || (low > value && low - value > half);
    int64_t difference = value - low;
    if (higher && difference < 0) {
      difference += kMask + 1;
    } else if (!higher && difference > 0) {
      difference -= kMask + 1;
    }
    return max_input_ + difference;
  }

  int64_t initial_;
  bool started_ = false;
  int64_t max_input_ = 0;
  int64_t max_output_;
  int64_t last_ = 0;
  std::optional<int64_t> base_;
  std::optional<int64_t> floor_;
  std::set<int64_t> drops_;
};

template <unsigned Bits>
void run(ByteReader input) {
  using Value = typename SeqNumberer<Bits>::Value;
  constexpr auto kWrap = [](int64_t n) { return SeqNumberer<Bits>::wrap(n); };
  const auto initial = static_cast<Value>(input.u16());
  SeqNumberer<Bits> numberer(kWrap(initial));
  Oracle<Bits> oracle(kWrap(initial));
  std::map<int64_t, int64_t> input_of_output;
  uint16_t x = 0;
  while (input.remaining() >= 3) {
    const uint8_t action = input.u8();
    const uint16_t number = input.u16();
    // Mostly small steps, so that runs and windows fill.
    x = (action & 0x80) != 0 ? number
                             : static_cast<uint16_t>(x + number % 8 - (number % 3 ? 0 : 9));
    const auto value = static_cast<Value>(x);
    if (action % 16 == 0) {
      numberer.sync(value);
      oracle.sync(value);
      continue;
    }
    if (action % 4 == 1) {
      numberer.drop(value);
      oracle.drop(value);
      continue;
    }
    const auto expected = oracle.input(value);
    const auto got = numberer.input(value);
    if (got) {
      require(expected.has_value() && kWrap(*got) == kWrap(*expected));
      oracle.accept(*expected);
      require(kWrap(numberer.max_output_extended()) == numberer.max_output());
      require(*got <= numberer.max_output_extended());
      // No two inputs share an output, not even across a sync.
      const auto [first, is_new] = input_of_output.emplace(*got, oracle.last_input());
      require(is_new || first->second == oracle.last_input());
    } else {
      require(!expected || oracle.may_be_forgotten());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) {
    return 0;
  }
  ByteReader input({data + 1, size - 1});
  switch (data[0] % 4) {
    case 0:
      run<3>(input);
      break;
    case 1:
      run<8>(input);
      break;
    case 2:
      run<15>(input);
      break;
    default:
      run<16>(input);
  }
  return 0;
}
