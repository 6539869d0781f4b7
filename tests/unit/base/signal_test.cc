#include "base/signal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SignalTest : public testing::Test {
 protected:
  std::function<void(int)> noting(std::string name) {
    return [this, name = std::move(name)](int value) {
      heard_.push_back(name + std::to_string(value));
    };
  }
  std::vector<std::string> heard() { return std::exchange(heard_, {}); }

  std::optional<Signal<int>> signal_{std::in_place};
  std::vector<std::string> heard_;
};

TEST_F(SignalTest, CallsListenersInOrderOfConnection) {
  signal_->emit(0);
  const uint64_t a = signal_->connect(noting("a"));
  signal_->connect(noting("b"));
  signal_->emit(1);
  EXPECT_THAT(heard(), ElementsAre("a1", "b1"));
  signal_->disconnect(a);
  signal_->disconnect(a);
  signal_->disconnect(99);
  signal_->connect(noting("c"));
  signal_->emit(2);
  EXPECT_THAT(heard(), ElementsAre("b2", "c2"));
}

TEST_F(SignalTest, AListenerMayDisconnectItselfAndOthers) {
  uint64_t self = 0;
  uint64_t later = 0;
  const uint64_t earlier = signal_->connect(noting("a"));
  self = signal_->connect([&](int value) {
    signal_->disconnect(self);
    signal_->disconnect(earlier);
    signal_->disconnect(later);
    noting("b")(value);  // what it captured is still there
  });
  later = signal_->connect(noting("c"));
  signal_->connect(noting("d"));
  signal_->emit(1);
  EXPECT_THAT(heard(), ElementsAre("a1", "b1", "d1"));
  signal_->emit(2);
  EXPECT_THAT(heard(), ElementsAre("d2"));
}

TEST_F(SignalTest, AListenerConnectedMeanwhileHearsOfTheNextEvent) {
  bool first = true;
  signal_->connect([&](int) {
    // Enough for the list to move.
    for (int i = 0; i < 100 && first; ++i) {
      signal_->connect(noting("n"));
    }
    first = false;
  });
  signal_->emit(1);
  EXPECT_THAT(heard(), IsEmpty());
  signal_->emit(2);
  EXPECT_EQ(heard().size(), 100u);
}

TEST_F(SignalTest, ListenersMayEmitAgain) {
  uint64_t self = 0;
  self = signal_->connect([&](int value) {
    if (value == 1) {
      signal_->emit(2);
      signal_->disconnect(self);
      signal_->emit(3);
    }
    noting("a")(value);
  });
  signal_->connect(noting("b"));
  signal_->emit(1);
  EXPECT_THAT(heard(), ElementsAre("a2", "b2", "b3", "a1", "b1"));
}

TEST_F(SignalTest, AListenerMayDestroyTheSignal) {
  signal_->connect(noting("a"));
  signal_->connect([&](int) { signal_.reset(); });
  signal_->connect(noting("b"));
  signal_->emit(1);
  EXPECT_THAT(heard(), ElementsAre("a1", "b1"));
}

TEST_F(SignalTest, AListenerThatThrowsLeavesTheSignalUsable) {
  uint64_t self = 0;
  self = signal_->connect([&](int) {
    signal_->disconnect(self);
    throw std::string("x");
  });
  signal_->connect(noting("a"));
  EXPECT_THROW(signal_->emit(1), std::string);
  signal_->emit(2);
  EXPECT_THAT(heard(), ElementsAre("a2"));
}

}  // namespace
}  // namespace sluice
