// The handshake of two sessions over good and bad networks: roles, order of ICE and connect(), SRTP
// keys, loss, reordering, duplication, and a first flight that does not fit into one datagram.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <thread>

#include "unit/dtls/pair.h"

namespace sluice::dtls {
namespace {

using testing::TestWithParam;

std::vector<uint8_t> copy(const SrtpSecret& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

void expect_matching_keys(Pair& pair) {
  ASSERT_TRUE(pair[0].connected && pair[1].connected);
  const SrtpKeys& a = pair[0].connected->srtp;
  const SrtpKeys& b = pair[1].connected->srtp;
  EXPECT_EQ(a.profile, b.profile);
  EXPECT_EQ(copy(a.local_key), copy(b.remote_key));
  EXPECT_EQ(copy(a.local_salt), copy(b.remote_salt));
  EXPECT_EQ(copy(a.remote_key), copy(b.local_key));
  EXPECT_EQ(copy(a.remote_salt), copy(b.local_salt));
  EXPECT_NE(copy(a.local_key), copy(a.remote_key));
  EXPECT_EQ(a.local_key.bytes().size(), srtp_key_sizes(a.profile).key);
  EXPECT_EQ(a.local_salt.bytes().size(), srtp_key_sizes(a.profile).salt);
}

/// A context whose ClientHello is padded with application protocol names to over `bytes`.
std::shared_ptr<const Context> context_with_large_hello(size_t bytes) {
  std::shared_ptr<const Context> context = make_context();
  std::vector<uint8_t> protocols;
  while (protocols.size() < bytes) {
    protocols.push_back(250);
    protocols.insert(protocols.end(), 250, static_cast<uint8_t>('a' + protocols.size() % 26));
  }
  SSL_CTX_set_alpn_protos(context->native(), protocols.data(),
                          static_cast<unsigned>(protocols.size()));
  return context;
}

struct RoleCase {
  const char* name;
  Role first_sees;   // the remote role given to the first end
  Role second_sees;  // and to the second
  Role first_role;   // what the first becomes
};

class Roles : public TestWithParam<std::tuple<RoleCase, int>> {};

TEST_P(Roles, BothEndsConnectWithMatchingKeys) {
  const auto& [role, order] = GetParam();
  Pair pair;
  const auto connect_both = [&] {
    EXPECT_EQ(pair.connect(0, role.first_sees), role.first_role);
    pair.connect(1, role.second_sees);
  };
  const auto ice_both = [&] {
    pair.ice_ready(0);
    pair.ice_ready(1);
  };
  switch (order) {
    case 0:  // connect() first
      connect_both();
      ice_both();
      break;
    case 1:  // ICE first
      ice_both();
      connect_both();
      break;
    default:  // each its own way
      pair.connect(0, role.first_sees);
      pair.ice_ready(1);
      pair.ice_ready(0);
      pair.connect(1, role.second_sees);
      break;
  }
  ASSERT_TRUE(pair.run_until_connected());
  expect_matching_keys(pair);
  EXPECT_EQ(pair[0].states, (std::vector<std::string>{"connecting", "connected"}));
  EXPECT_EQ(pair[1].states, (std::vector<std::string>{"connecting", "connected"}));
  EXPECT_EQ(pair[0].connected->remote_certificate, pair[1].context->certificate().pem());
  EXPECT_EQ(pair[0].session->next_timeout(), std::nullopt);
  EXPECT_EQ(pair[1].session->next_timeout(), std::nullopt);
}

const RoleCase kRoleCases[] = {
    {"ClientServer", Role::kServer, Role::kClient, Role::kClient},
    {"ServerClient", Role::kClient, Role::kServer, Role::kServer},
    {"AutoClient", Role::kAuto, Role::kClient, Role::kClient},
    {"ServerAuto", Role::kClient, Role::kAuto, Role::kServer},
};

std::string name_of(const testing::TestParamInfo<std::tuple<RoleCase, int>>& info) {
  static constexpr const char* kOrders[] = {"ConnectFirst", "IceFirst", "Mixed"};
  return std::string(std::get<0>(info.param).name) + kOrders[std::get<1>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(All, Roles,
                         testing::Combine(testing::ValuesIn(kRoleCases), testing::Values(0, 1, 2)),
                         name_of);

class Network : public TestWithParam<uint32_t> {};

TEST_P(Network, LossReorderingAndDuplicationDelayButDoNotPreventTheHandshake) {
  Pair pair(GetParam());
  pair.rules = {
      .loss = 0.25, .duplication = 0.25, .min_delay = 1ms, .max_delay = 90ms, .admit = {}};
  pair.start();
  ASSERT_TRUE(pair.run_until_connected()) << pair[0].failure << " / " << pair[1].failure;
  expect_matching_keys(pair);
}

TEST_P(Network, ALargeClientHelloSurvivesABadNetwork) {
  Pair pair(context_with_large_hello(3000), make_context(), GetParam());
  pair.rules = {.loss = 0.2, .duplication = 0.3, .min_delay = 1ms, .max_delay = 150ms, .admit = {}};
  pair.start();
  ASSERT_TRUE(pair.run_until_connected()) << pair[0].failure << " / " << pair[1].failure;
  expect_matching_keys(pair);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Network, testing::Range(1u, 21u));

class SplitHello : public testing::Test {
 protected:
  SplitHello() : pair_(context_with_large_hello(1200), make_context()) {
    // Only the ClientHello's datagrams are held back; a test delivers them as it likes.
    pair_.rules.admit = [this](size_t from, Bytes) { return from == 1 || !hold_; };
    pair_.connect(0, Role::kServer);
    pair_.connect(1, Role::kClient);
    pair_.ice_ready(1);
    pair_.ice_ready(0);
    hold_ = false;
  }
  void deliver(size_t i) { pair_.inject(1, pair_[0].sent.at(i)); }

  bool hold_ = true;
  Pair pair_;
};

TEST_F(SplitHello, LeavesAsTwoDatagramsWithinTheMtu) {
  ASSERT_EQ(pair_[0].sent.size(), 2u);
  EXPECT_GT(pair_[0].sent[0].size() + pair_[0].sent[1].size(), 1400u);
  for (const std::vector<uint8_t>& datagram : pair_[0].sent) {
    EXPECT_LE(datagram.size(), 1350u - 48u);
    EXPECT_EQ(datagram[0], 22);
  }
}

TEST_F(SplitHello, IsTakenInOrder) {
  deliver(0);
  EXPECT_TRUE(pair_[1].sent.empty());
  deliver(1);
  EXPECT_FALSE(pair_[1].sent.empty());
  EXPECT_TRUE(pair_.run_until_connected());
}

TEST_F(SplitHello, IsTakenInReverseOrder) {
  deliver(1);
  EXPECT_TRUE(pair_[1].sent.empty());
  deliver(0);
  EXPECT_FALSE(pair_[1].sent.empty());
  EXPECT_TRUE(pair_.run_until_connected());
}

TEST_F(SplitHello, IsTakenWithDuplicates) {
  for (const size_t i : {1, 1, 0, 0, 1}) {
    deliver(i);
  }
  const size_t flight = pair_[1].sent.size();
  deliver(0);
  EXPECT_EQ(pair_[1].sent.size(), flight);
  EXPECT_TRUE(pair_.run_until_connected());
}

TEST_F(SplitHello, IsCompletedByTheRepetitionWhenAFragmentIsLost) {
  deliver(1);
  EXPECT_TRUE(pair_.run_until_connected());
  EXPECT_GE(pair_.now(), 1000s + 100ms);
}

TEST(Flights, RepeatedInVainAreCutSmaller) {
  Pair pair(context_with_large_hello(1200), make_context());
  pair.rules.admit = [](size_t, Bytes datagram) { return datagram.size() <= 1160; };
  pair.start();
  EXPECT_TRUE(pair.run_until_connected());
}

class Profiles : public TestWithParam<SrtpProfile> {};

TEST_P(Profiles, IsNegotiatedWhenItIsTheOnlyOneInCommon) {
  Pair pair(make_context({.srtp_profiles = {GetParam()}}), make_context());
  pair.start();
  ASSERT_TRUE(pair.run_until_connected());
  EXPECT_EQ(pair[0].connected->srtp.profile, GetParam());
  expect_matching_keys(pair);
}

INSTANTIATE_TEST_SUITE_P(Each, Profiles,
                         testing::Values(SrtpProfile::kAeadAes256Gcm, SrtpProfile::kAeadAes128Gcm,
                                         SrtpProfile::kAes128CmSha1_80,
                                         SrtpProfile::kAes128CmSha1_32));

TEST(ProfileOrder, IsTheServersAndDefaultsToAes128GcmFirst) {
  const std::vector<SrtpProfile> browser = {
      SrtpProfile::kAes128CmSha1_80, SrtpProfile::kAeadAes256Gcm, SrtpProfile::kAeadAes128Gcm};
  Pair ours_as_server(make_context({.srtp_profiles = browser}), make_context());
  ours_as_server.start();
  ASSERT_TRUE(ours_as_server.run_until_connected());
  EXPECT_EQ(ours_as_server[1].connected->srtp.profile, SrtpProfile::kAeadAes128Gcm);

  Pair ours_as_client(make_context(), make_context({.srtp_profiles = browser}));
  ours_as_client.start();
  ASSERT_TRUE(ours_as_client.run_until_connected());
  EXPECT_EQ(ours_as_client[0].connected->srtp.profile, SrtpProfile::kAes128CmSha1_80);
}

TEST(SharedContext, ServesManySessions) {
  const std::shared_ptr<const Context> server = make_context();
  const std::shared_ptr<const Context> client = make_context();
  for (int i = 0; i < 3; ++i) {
    Pair pair(client, server);
    pair.start();
    ASSERT_TRUE(pair.run_until_connected());
  }
  EXPECT_EQ(server.use_count(), 1);
}

TEST(SharedContext, ServesSessionsOnSeveralThreads) {
  const std::shared_ptr<const Context> server = make_context();
  const std::shared_ptr<const Context> client = make_context();
  std::array<int, 4> connected{};
  {
    std::vector<std::jthread> threads;
    for (int& count : connected) {
      threads.emplace_back([&] {
        for (int i = 0; i < 5; ++i) {
          Pair pair(client, server);
          pair.start();
          count += pair.run_until_connected() ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(connected, (std::array{5, 5, 5, 5}));
}

TEST(RsaCertificate, IsAcceptedFromAPeer) {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  const OpenSslPtr<evp_pkey_st> owned_key(key);
  const OpenSslPtr<x509_st> x509(X509_new());
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), -7200);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), -3600);  // expired: does not matter
  X509_set_pubkey(x509.get(), key);
  X509_sign(x509.get(), key, EVP_sha256());
  const OpenSslPtr<bio_st> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  Result<Certificate> certificate = Certificate::from_pem(
      certificate_pem(x509.get()), std::string_view(text, static_cast<size_t>(size)));
  ASSERT_TRUE(certificate) << certificate.error().message;
  Pair pair(Context::create(std::move(*certificate)).value(), make_context());
  pair.start();
  EXPECT_TRUE(pair.run_until_connected()) << pair[0].failure << " / " << pair[1].failure;
}

}  // namespace
}  // namespace sluice::dtls
