// Ping every 20 s, give up after 60 s of silence, probe within 3 s: in virtual time.
#include "web/keep_alive.h"

#include <gtest/gtest.h>

namespace sluice::web {
namespace {

using Action = KeepAlive::Action;

TEST(KeepAlive, PingsAtEachInterval) {
  KeepAlive clock(20s, 60s, 100s);
  EXPECT_EQ(clock.on_tick(119s), Action::kNone);
  EXPECT_EQ(clock.on_tick(120s), Action::kPing);
  EXPECT_EQ(clock.on_tick(121s), Action::kNone);
  clock.on_heard(121s);
  EXPECT_EQ(clock.on_tick(140s), Action::kPing);
}

TEST(KeepAlive, DropsAfterSilence) {
  KeepAlive clock(20s, 60s, 0s);
  EXPECT_EQ(clock.on_tick(20s), Action::kPing);
  EXPECT_EQ(clock.on_tick(40s), Action::kPing);
  EXPECT_EQ(clock.on_tick(60s), Action::kDrop);
}

TEST(KeepAlive, AnythingHeardPutsTheEndOff) {
  KeepAlive clock(20s, 60s, 0s);
  clock.on_heard(59s);
  EXPECT_NE(clock.on_tick(118s), Action::kDrop);
  EXPECT_EQ(clock.on_tick(119s), Action::kDrop);
}

TEST(KeepAlive, AnUnansweredProbeDrops) {
  KeepAlive clock(20s, 60s, 0s);
  clock.on_probe(3s, 10s);
  EXPECT_EQ(clock.on_tick(12s), Action::kNone);
  EXPECT_EQ(clock.on_tick(13s), Action::kDrop);
}

TEST(KeepAlive, AnAnsweredProbeIsForgotten) {
  KeepAlive clock(20s, 60s, 0s);
  clock.on_probe(3s, 10s);
  clock.on_heard(11s);
  EXPECT_EQ(clock.on_tick(14s), Action::kNone);
}

TEST(KeepAlive, AProbeDoesNotPutAnEarlierOneOff) {
  KeepAlive clock(20s, 60s, 0s);
  clock.on_probe(3s, 10s);
  clock.on_probe(3s, 12s);
  EXPECT_EQ(clock.on_tick(13s), Action::kDrop);
}

TEST(KeepAlive, ZeroTurnsEachPartOff) {
  KeepAlive silent(0s, 60s, 0s);
  EXPECT_EQ(silent.on_tick(59s), Action::kNone);
  KeepAlive patient(20s, 0s, 0s);
  EXPECT_EQ(patient.on_tick(1000s), Action::kPing);
}

}  // namespace
}  // namespace sluice::web
