// Which reset of the peer is the answer to one of ours (RFC 8831 section 6.7).
#include "protocol/sctp/reset_pairing.h"

#include <gtest/gtest.h>

namespace sluice::sctp {
namespace {

constexpr uint16_t kStream = 3;
constexpr Micros kStart = 100s;

TEST(ResetPairing, APeersResetIsAnsweredOnce) {
  ResetPairing pairing;
  EXPECT_TRUE(pairing.on_peer_reset(kStream, kStart));
  EXPECT_FALSE(pairing.on_peer_reset(kStream, kStart + 1s));
  EXPECT_FALSE(pairing.on_own_reset(kStream, kStart + 2s));  // ours is reset already
}

TEST(ResetPairing, AnAnswerIsNotAnswered) {
  ResetPairing pairing;
  EXPECT_TRUE(pairing.on_own_reset(kStream, kStart));
  EXPECT_FALSE(pairing.on_peer_reset(kStream, kStart + 1s));
}

// A peer that never answers leaves us waiting; its next reset, much later, is one of its own.
TEST(ResetPairing, AnAnswerComesWithinItsTime) {
  for (const auto& [delay, needs_answer] : {std::pair(ResetPairing::kAnswerTime - 1us, false),
                                            {ResetPairing::kAnswerTime, true},
                                            {Micros{1h}, true}}) {
    ResetPairing pairing;
    EXPECT_TRUE(pairing.on_own_reset(kStream, kStart));
    pairing.on_use(kStream);  // the next channel
    EXPECT_EQ(pairing.on_peer_reset(kStream, kStart + delay), needs_answer);
  }
}

TEST(ResetPairing, ALateResetEndsAllWaiting) {
  ResetPairing pairing;
  EXPECT_TRUE(pairing.on_own_reset(kStream, kStart));
  pairing.on_use(kStream);
  EXPECT_TRUE(pairing.on_own_reset(kStream, kStart + 1s));
  pairing.on_use(kStream);
  // Two answers were due. The peer's reset comes too late for either.
  EXPECT_TRUE(pairing.on_peer_reset(kStream, kStart + 1s + ResetPairing::kAnswerTime));
  pairing.on_use(kStream);
  EXPECT_TRUE(pairing.on_peer_reset(kStream, kStart + 2min));
}

TEST(ResetPairing, EachResetOfOursAwaitsItsOwnAnswer) {
  ResetPairing pairing;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(pairing.on_own_reset(kStream, kStart));
    pairing.on_use(kStream);
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(pairing.on_peer_reset(kStream, kStart + 1s)) << i;
  }
  EXPECT_TRUE(pairing.on_peer_reset(kStream, kStart + 1s));
}

TEST(ResetPairing, AStreamThatIsUsedAgainCanBeResetAgain) {
  ResetPairing pairing;
  EXPECT_TRUE(pairing.on_own_reset(kStream, kStart));
  EXPECT_FALSE(pairing.on_own_reset(kStream, kStart));
  pairing.on_use(kStream);
  EXPECT_TRUE(pairing.on_own_reset(kStream, kStart));
}

TEST(ResetPairing, StreamsAreApart) {
  ResetPairing pairing;
  EXPECT_TRUE(pairing.on_own_reset(1, kStart));
  EXPECT_TRUE(pairing.on_peer_reset(2, kStart));
  EXPECT_FALSE(pairing.on_peer_reset(1, kStart));
  pairing.on_use(7);  // never reset: nothing to remember
  EXPECT_TRUE(pairing.on_own_reset(7, kStart));
}

}  // namespace
}  // namespace sluice::sctp
