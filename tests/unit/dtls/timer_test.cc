// Repetition of handshake flights in virtual time (media-plane 3.3).
#include <gtest/gtest.h>

#include "unit/dtls/pair.h"

namespace sluice::dtls {
namespace {

/// Distances between the moments at which an end sent its flights.
std::vector<Micros> gaps(const End& end) {
  std::vector<Micros> result;
  for (size_t i = 1; i < end.sent_at.size(); ++i) {
    if (end.sent_at[i] != end.sent_at[i - 1]) {
      result.push_back(end.sent_at[i] - end.sent_at[i - 1]);
    }
  }
  return result;
}

const std::vector<Micros> kSchedule = {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms,
                                       4s,    4s,    4s,    4s,    4s};

// DTL-11
TEST(Timer, Dtl11AClientRepeatsItsHelloEverLessOftenAndThenFails) {
  Pair pair;
  pair.rules.loss = 1;
  const Micros begin = pair.now();
  pair.connect(0, Role::kServer);
  pair.ice_ready(0);
  pair.run_for(29999ms);
  EXPECT_EQ(gaps(pair[0]), kSchedule);
  EXPECT_EQ(pair[0].session->state(), State::kConnecting);
  EXPECT_EQ(pair[0].session->next_timeout(), begin + 30s);
  pair.run_for(1ms);
  EXPECT_EQ(pair[0].session->state(), State::kFailed);
  EXPECT_EQ(pair[0].states, (std::vector<std::string>{"connecting", "failed"}));
  EXPECT_EQ(pair[0].session->next_timeout(), std::nullopt);
  EXPECT_EQ(gaps(pair[0]), kSchedule);
}

// DTL-11
TEST(Timer, Dtl11AServerRepeatsItsFlightToo) {
  Pair pair;
  // One ClientHello arrives; nothing else does.
  bool first = true;
  pair.rules.admit = [&first](size_t from, Bytes) {
    return from == 0 && std::exchange(first, false);
  };
  pair.start();
  pair.run_for(10ms);
  const Micros begin = pair.now();
  pair.run_for(29999ms);
  EXPECT_EQ(gaps(pair[1]), kSchedule);
  EXPECT_EQ(pair[1].session->next_timeout(), begin + 30s);
  pair.run_for(1ms);
  EXPECT_EQ(pair[1].session->state(), State::kFailed);
}

TEST(Timer, AServerWaitsForTheFirstHelloWithoutATimer) {
  Pair pair;
  pair.ice_ready(0);
  EXPECT_EQ(pair[0].session->next_timeout(), std::nullopt);
}

TEST(Timer, CallsBeforeTheDeadlineDoNothing) {
  Pair pair;
  pair.rules.loss = 1;
  pair.connect(0, Role::kServer);
  pair.ice_ready(0);
  const std::optional<Micros> deadline = pair[0].session->next_timeout();
  EXPECT_EQ(deadline, pair.now() + 100ms);
  for (int i = 0; i < 100; ++i) {
    pair[0].session->on_timeout(*deadline - 1us);
  }
  pair.drain(0);
  EXPECT_EQ(pair[0].sent.size(), 1u);
  EXPECT_EQ(pair[0].session->next_timeout(), deadline);
}

TEST(Timer, ReceivedDatagramsAloneCauseNoRepetition) {
  Pair pair;
  pair.rules.loss = 1;
  pair.connect(0, Role::kServer);
  pair.ice_ready(0);
  const std::optional<Micros> deadline = pair[0].session->next_timeout();
  const std::vector<uint8_t> noise(40, 23);
  for (int i = 0; i < 100; ++i) {
    pair.inject(0, noise);
  }
  EXPECT_EQ(pair[0].sent.size(), 1u);
  EXPECT_EQ(pair[0].session->next_timeout(), deadline);
}

TEST(Timer, ANewFlightStartsFromTheShortestInterval) {
  Pair pair;
  // The client's first three hellos are lost; its second flight is too.
  int hellos = 0;
  pair.rules.admit = [&hellos](size_t from, Bytes datagram) {
    return from == 1 || (datagram[13] == 1 && ++hellos > 3);
  };
  pair.start();
  pair.run_for(3s);
  const std::vector<Micros> intervals = gaps(pair[0]);
  // Hello at 0, 100, 300, 700 ms; the answer 20 ms later starts the next flight.
  const std::vector<Micros> expected = {100ms, 200ms, 400ms, 20ms, 100ms, 200ms, 400ms, 800ms};
  EXPECT_EQ(intervals, expected);
}

TEST(Timer, ALostLastFlightOfTheServerIsRepeatedOnRequest) {
  Pair pair;
  // The server's second flight (after its hello flight) is lost once.
  int flights = 0;
  Micros last = -1s;
  pair.rules.admit = [&](size_t from, Bytes) {
    if (from == 1 && pair.now() != last) {
      last = pair.now();
      ++flights;
    }
    return from == 0 || flights != 2;
  };
  pair.start();
  ASSERT_TRUE(pair.run_until_connected());
  EXPECT_EQ(flights, 3);
}

}  // namespace
}  // namespace sluice::dtls
