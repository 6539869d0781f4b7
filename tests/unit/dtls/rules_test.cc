// The rules of connect(), the early start as a server, and the fingerprint check (media-plane 3.4,
// 3.6; ortc-model 1.7).
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/dtls/pair.h"

namespace sluice::dtls {
namespace {

using testing::TestWithParam;

Fingerprint wrong(Fingerprint fingerprint) {
  fingerprint.value[0] ^= 1;
  return fingerprint;
}

/// The first end runs early as a server and has finished the handshake with the second, a client.
Pair& finish_early_handshake(Pair& pair) {
  pair.ice_ready(0);
  pair.ice_ready(1);
  pair.connect(1, Role::kServer);
  pair.run_for(1s);
  return pair;
}

// DTL-01
TEST(Connect, Dtl01FailsWhenCalledTwice) {
  Pair pair;
  EXPECT_TRUE(pair.connect(0, Role::kClient));
  const Result<Role> second = pair.connect(0, Role::kServer);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kGeneric);
  EXPECT_EQ(pair[0].session->role(), Role::kServer);
}

// DTL-02
TEST(Connect, Dtl02FailsWithoutFingerprintsAndChangesNothing) {
  Pair pair;
  pair.ice_ready(0);
  const Result<Role> result = pair[0].session->connect(Role::kServer, {}, pair.now());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kType);
  EXPECT_EQ(pair[0].session->role(), Role::kAuto);
  EXPECT_EQ(pair[0].session->state(), State::kConnecting);
  EXPECT_EQ(pair.connect(0, Role::kClient), Role::kServer);
}

TEST(Connect, FailsForAFingerprintOfTheWrongLengthAndChangesNothing) {
  Pair pair;
  const std::vector<Fingerprint> short_one = {{HashAlgorithm::kSha256, {1, 2, 3}}};
  const Result<Role> result = pair[0].session->connect(Role::kServer, short_one, pair.now());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kType);
  EXPECT_TRUE(pair.connect(0, Role::kClient));
}

TEST(Connect, FailsOnceClosed) {
  Pair pair;
  pair.close(0);
  const Result<Role> result = pair.connect(0, Role::kClient);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidState);
}

// DTL-03
TEST(Connect, Dtl03MakesUsClientOfAnAutoPeer) {
  Pair pair;
  EXPECT_EQ(pair.connect(0, Role::kAuto), Role::kClient);
  EXPECT_TRUE(pair[0].sent.empty());
  pair.ice_ready(0);
  EXPECT_FALSE(pair[0].sent.empty());
}

TEST(Connect, MakesUsTheOppositeOfTheRemoteRole) {
  Pair pair;
  EXPECT_EQ(pair.connect(0, Role::kClient), Role::kServer);
  EXPECT_EQ(pair.connect(1, Role::kServer), Role::kClient);
}

TEST(RoleNames, AreReadAndWritten) {
  for (const Role role : {Role::kAuto, Role::kClient, Role::kServer}) {
    EXPECT_EQ(parse_role(to_string(role)), role);
  }
  EXPECT_EQ(parse_role("actpass").error().kind, ErrorKind::kType);
  EXPECT_EQ(parse_role("Client").error().kind, ErrorKind::kType);
}

TEST(Ice, DatagramsBeforeItIsReadyAreIgnored) {
  Pair pair;
  pair.connect(1, Role::kServer);
  pair.ice_ready(1);
  pair.run_for(50ms);
  EXPECT_TRUE(pair[0].sent.empty());
  EXPECT_EQ(pair[0].session->state(), State::kNew);
}

TEST(Ice, SecondReadinessChangesNothing) {
  Pair pair;
  pair.start();
  ASSERT_TRUE(pair.run_until_connected());
  pair.ice_ready(0);
  pair.ice_ready(1);
  EXPECT_EQ(pair[0].session->state(), State::kConnected);
  EXPECT_EQ(pair[1].session->state(), State::kConnected);
}

// DTL-04
TEST(EarlyServer, Dtl04FinishesTheHandshakeButStaysConnecting) {
  Pair pair;
  finish_early_handshake(pair);
  EXPECT_EQ(pair[1].session->state(), State::kConnected);
  EXPECT_EQ(pair[0].session->state(), State::kConnecting);
  EXPECT_EQ(pair[0].session->role(), Role::kAuto);
  EXPECT_EQ(pair[0].states, std::vector<std::string>{"connecting"});
  EXPECT_FALSE(pair[0].session->send_application_data(as_bytes("x")));
}

// DTL-05
TEST(EarlyServer, Dtl05ConnectsWhenTheRightFingerprintComes) {
  Pair pair;
  finish_early_handshake(pair);
  EXPECT_EQ(pair.connect(0, Role::kClient), Role::kServer);
  EXPECT_EQ(pair[0].session->state(), State::kConnected);
  EXPECT_EQ(pair[0].states, (std::vector<std::string>{"connecting", "connected"}));
  EXPECT_TRUE(std::ranges::equal(pair[0].connected->srtp.local_key.bytes(),
                                 pair[1].connected->srtp.remote_key.bytes()));
}

// DTL-06
TEST(EarlyServer, Dtl06FailsWhenAWrongFingerprintComes) {
  Pair pair;
  finish_early_handshake(pair);
  const std::vector<Fingerprint> fingerprints = {wrong(fingerprint_of(*pair[1].context))};
  EXPECT_TRUE(pair[0].session->connect(Role::kClient, fingerprints, pair.now()));
  pair.drain(0);
  EXPECT_EQ(pair[0].session->state(), State::kFailed);
  EXPECT_EQ(pair[0].states, (std::vector<std::string>{"connecting", "failed"}));
  EXPECT_FALSE(pair[0].connected);
  pair.run_for(1s);
  EXPECT_EQ(pair[1].session->state(), State::kClosed);
}

// DTL-07
TEST(EarlyServer, Dtl07StartsOverWhenConnectMakesUsClient) {
  // The first end finishes early as a server for a client that then is replaced by a server.
  const std::shared_ptr<const Context> ours = make_context();
  Pair pair(ours, make_context());
  finish_early_handshake(pair);
  const std::vector<uint8_t> stale_hello = pair[1].sent.front();
  pair[1].session = std::make_unique<Session>(pair[1].context);
  pair[1].connected.reset();
  pair[1].states.clear();
  pair[0].sent.clear();
  pair.connect(1, Role::kClient);
  pair.ice_ready(1);

  EXPECT_EQ(pair.connect(0, Role::kServer), Role::kClient);
  EXPECT_EQ(pair[0].session->state(), State::kConnecting);
  ASSERT_FALSE(pair[0].sent.empty());
  EXPECT_EQ(pair[0].sent.front().at(13), 1);  // a ClientHello
  pair.inject(0, stale_hello);                // late repetition from the peer's time as a client

  ASSERT_TRUE(pair.run_until_connected()) << pair[0].failure << " / " << pair[1].failure;
  EXPECT_EQ(pair[0].states, (std::vector<std::string>{"connecting", "connected"}));
  EXPECT_TRUE(std::ranges::equal(pair[0].connected->srtp.local_key.bytes(),
                                 pair[1].connected->srtp.remote_key.bytes()));
}

TEST(EarlyServer, Dtl07StartsOverInTheMiddleOfAHandshake) {
  Pair pair;
  pair.ice_ready(0);
  pair.ice_ready(1);
  pair.connect(0, Role::kServer);
  EXPECT_EQ(pair[0].session->role(), Role::kClient);
  EXPECT_EQ(pair.connect(1, Role::kClient), Role::kServer);
  EXPECT_TRUE(pair.run_until_connected());
}

TEST(EarlyServer, KnowsTheFingerprintInTimeWhenConnectComesMidway) {
  Pair pair;
  pair.connect(1, Role::kServer);
  pair.ice_ready(0);
  pair.ice_ready(1);
  pair.run_for(15ms);  // the ClientHello has arrived
  pair.connect(0, Role::kClient);
  EXPECT_TRUE(pair.run_until_connected());
}

// DTL-08
TEST(FingerprintCheck, Dtl08AcceptsTheSecondOfTwo) {
  Pair pair;
  const Fingerprint right = fingerprint_of(*pair[1].context);
  const std::vector<Fingerprint> fingerprints = {wrong(right), right};
  EXPECT_TRUE(pair[0].session->connect(Role::kServer, fingerprints, pair.now()));
  pair.connect(1, Role::kClient);
  pair.ice_ready(0);
  pair.ice_ready(1);
  EXPECT_TRUE(pair.run_until_connected());
}

TEST(FingerprintCheck, IgnoresAWeakerMatchBesideAStrongerMismatch) {
  Pair pair;
  const std::vector<Fingerprint> fingerprints = {
      fingerprint_of(*pair[1].context, HashAlgorithm::kSha1),
      wrong(fingerprint_of(*pair[1].context, HashAlgorithm::kSha256))};
  EXPECT_TRUE(pair[0].session->connect(Role::kServer, fingerprints, pair.now()));
  pair.connect(1, Role::kClient);
  pair.ice_ready(0);
  pair.ice_ready(1);
  EXPECT_FALSE(pair.run_until_connected(1s));
  EXPECT_EQ(pair[0].session->state(), State::kFailed);
}

// DTL-09
TEST(FingerprintCheck, Dtl09AcceptsLowerCase) {
  Pair pair;
  std::string text = fingerprint_of(*pair[1].context).text();
  for (char& c : text) {
    c = static_cast<char>(std::tolower(c));
  }
  const std::vector<Fingerprint> fingerprints = {Fingerprint::parse("sha-256", text).value()};
  EXPECT_TRUE(pair[0].session->connect(Role::kServer, fingerprints, pair.now()));
  pair.connect(1, Role::kClient);
  pair.ice_ready(0);
  pair.ice_ready(1);
  EXPECT_TRUE(pair.run_until_connected());
}

class Algorithms : public TestWithParam<HashAlgorithm> {};

TEST_P(Algorithms, IdentifyThePeer) {
  Pair pair;
  for (size_t i = 0; i < 2; ++i) {
    const std::vector<Fingerprint> fingerprints = {
        fingerprint_of(*pair[1 - i].context, GetParam())};
    EXPECT_TRUE(
        pair[i].session->connect(i == 0 ? Role::kServer : Role::kClient, fingerprints, pair.now()));
    pair.ice_ready(i);
  }
  EXPECT_TRUE(pair.run_until_connected());
}

TEST_P(Algorithms, ExposeAWrongPeer) {
  Pair pair;
  pair.connect(0, Role::kServer);
  const std::vector<Fingerprint> fingerprints = {
      wrong(fingerprint_of(*pair[0].context, GetParam()))};
  EXPECT_TRUE(pair[1].session->connect(Role::kClient, fingerprints, pair.now()));
  pair.ice_ready(1);
  pair.ice_ready(0);
  EXPECT_FALSE(pair.run_until_connected(1s));
  EXPECT_EQ(pair[1].session->state(), State::kFailed);
  EXPECT_NE(pair[1].failure.find("fingerprint"), std::string::npos);
  // Our alert tells the other side at once.
  EXPECT_EQ(pair[0].session->state(), State::kFailed);
  EXPECT_FALSE(pair[0].connected);
}

INSTANTIATE_TEST_SUITE_P(Each, Algorithms,
                         testing::Values(HashAlgorithm::kSha1, HashAlgorithm::kSha224,
                                         HashAlgorithm::kSha256, HashAlgorithm::kSha384,
                                         HashAlgorithm::kSha512));

TEST(FingerprintCheck, ExposesAWrongServerToAClient) {
  Pair pair;
  const std::vector<Fingerprint> fingerprints = {wrong(fingerprint_of(*pair[1].context))};
  EXPECT_TRUE(pair[0].session->connect(Role::kServer, fingerprints, pair.now()));
  pair.connect(1, Role::kClient);
  pair.ice_ready(1);
  pair.ice_ready(0);
  EXPECT_FALSE(pair.run_until_connected(1s));
  EXPECT_EQ(pair[0].session->state(), State::kFailed);
  EXPECT_EQ(pair[1].session->state(), State::kFailed);
}

TEST(FingerprintCheck, CanRefuseSha1) {
  Pair pair(make_context({.accept_sha1 = false}), make_context());
  const Fingerprint sha1 = fingerprint_of(*pair[1].context, HashAlgorithm::kSha1);
  const std::vector<Fingerprint> only = {sha1};
  EXPECT_EQ(pair[0].session->connect(Role::kServer, only, pair.now()).error().kind,
            ErrorKind::kType);
  const std::vector<Fingerprint> both = {sha1, fingerprint_of(*pair[1].context)};
  EXPECT_TRUE(pair[0].session->connect(Role::kServer, both, pair.now()));
}

// DTL-10
TEST(SrtpProfiles, Dtl10APeerWithoutUseSrtpFails) {
  Pair pair(make_context({.srtp_profiles = {}}), make_context());
  pair.start();
  EXPECT_FALSE(pair.run_until_connected(1s));
  EXPECT_EQ(pair[1].session->state(), State::kFailed);
  EXPECT_EQ(pair[1].states, (std::vector<std::string>{"connecting", "failed"}));
}

TEST(SrtpProfiles, Dtl10AnEarlyServerFailsToo) {
  Pair pair(make_context(), make_context({.srtp_profiles = {}}));
  finish_early_handshake(pair);
  EXPECT_EQ(pair[0].session->state(), State::kFailed);
  EXPECT_EQ(pair.connect(0, Role::kClient), Role::kServer);
  EXPECT_EQ(pair[0].session->state(), State::kFailed);
}

TEST(SrtpProfiles, NoneInCommonFails) {
  Pair pair(make_context({.srtp_profiles = {SrtpProfile::kAeadAes128Gcm}}),
            make_context({.srtp_profiles = {SrtpProfile::kAes128CmSha1_80}}));
  pair.start();
  EXPECT_FALSE(pair.run_until_connected(1s));
  EXPECT_EQ(pair[0].session->state(), State::kFailed);
  EXPECT_EQ(pair[1].session->state(), State::kFailed);
}

}  // namespace
}  // namespace sluice::dtls
