// Shares the available rate among the consumers of a transport (media-plane 7.6): every consumer
// gets its base layer before any gets a second one, then each as many steps per round as its
// priority says, until nothing more fits.
//
// A consumer is anything with the three operations of `RateTaker`. In a distribution it starts from
// nothing and takes one layer with each `increase` (media-plane 7.5, layers::LayerTarget);
// `apply_layers` makes what it took effective. Layers that are in use may fill what there is, but a
// new one must still fit when the estimate falls by 5 %, so that the next small change does not
// take it away again: hence two rates in an offer.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <optional>
#include <ranges>
#include <type_traits>

#include "base/types.h"
#include "protocol/bwe/rate.h"

namespace sluice::bwe {

/// Share of all that is available which new layers leave free.
inline constexpr double kUpgradeMargin = 0.05;

/// What a consumer may take in one step.
struct RateOffer {
  BitRate held;     ///< for a layer that it forwards now
  BitRate upgrade;  ///< for one above those: the same less the margin
  /// 0 to 100. Given when the available rate comes from REMB, which knows nothing of loss.
  std::optional<double> loss_percent{};
};

template <class T>
concept RateTaker = requires(T& taker, const T& constant, const RateOffer& offer) {
  /// 1..255; 0 takes no part. So should consumers that are not active.
  { constant.rate_priority() } -> std::convertible_to<uint8_t>;
  /// Takes the next layer if it fits; returns how much of the rate that uses, 0 when nothing was
  /// taken. Returns more than 0 only as often as there are layers.
  { taker.increase(offer) } -> std::same_as<BitRate>;
  /// Makes the layers that were taken since the last call effective.
  { taker.apply_layers() };
};

/// Puts pointers to consumers in the order of a distribution: by priority, the order of equal ones
/// (that of their creation, if they came in it) unchanged. Call it when consumers, their
/// priorities or activity change.
template <std::ranges::random_access_range Takers>
void order_by_priority(Takers& takers) {
  // Insertion: few are out of place, and unlike std::stable_sort it needs no memory.
  for (auto at = std::ranges::begin(takers); at != std::ranges::end(takers); ++at) {
    const auto place = std::upper_bound(
        std::ranges::begin(takers), at, *at,
        [](const auto* a, const auto* b) { return a->rate_priority() > b->rate_priority(); });
    std::rotate(place, at, std::next(at));
  }
}

/// Distributes `available` among `takers`: pointers in the order of `order_by_priority`. Returns
/// what is left over. `loss_percent` as in RateOffer. `base`: what base layers that are in use may
/// take together, where that is more: a passing shortage costs quality, but stops no video.
template <std::ranges::forward_range Takers>
  requires RateTaker<std::remove_pointer_t<std::ranges::range_value_t<Takers>>>
BitRate distribute(Takers& takers, BitRate available,
                   std::optional<double> loss_percent = std::nullopt, BitRate base = {}) {
  const BitRate margin = scaled(available, kUpgradeMargin);
  BitRate left = available;
  bool base_layers = true;
  for (bool progress = true; progress && std::max(left, base).value > 0; base_layers = false) {
    progress = false;
    for (auto* taker : takers) {
      const uint8_t priority = taker->rate_priority();
      const uint8_t steps = base_layers ? std::min<uint8_t>(priority, 1) : priority;
      for (uint8_t step = 0; step < steps && std::max(left, base).value > 0; ++step) {
        const BitRate used = taker->increase(RateOffer{
            .held = base_layers ? std::max(left, base) : left,
            .upgrade = BitRate(left.value - std::min(margin, left).value),
            .loss_percent = loss_percent,
        });
        if (used.value == 0) {
          break;
        }
        left = BitRate(left.value - std::min(used, left).value);
        base = BitRate(base.value - std::min(used, base).value);
        progress = true;
      }
    }
  }
  for (auto* taker : takers) {
    taker->apply_layers();
  }
  return left;
}

}  // namespace sluice::bwe
