// Application data, closing, alerts and disturbances of a running session (media-plane 3.5).
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "protocol/dtls/datagram_bio.h"
#include "unit/dtls/pair.h"

namespace sluice::dtls {
namespace {

class Established : public testing::Test {
 protected:
  void SetUp() override {
    pair_.start();
    ASSERT_TRUE(pair_.run_until_connected());
    pair_.run_for(1s);
  }
  Pair pair_;
};

TEST_F(Established, CarriesDataBothWaysOneRecordPerDatagram) {
  const size_t before = pair_[0].sent.size();
  pair_.send(0, "ping");
  pair_.send(0, "again");
  EXPECT_EQ(pair_[0].sent.size(), before + 2);
  pair_.send(1, "pong");
  pair_.run_for(20ms);
  EXPECT_EQ(pair_[1].received, (std::vector<std::string>{"ping", "again"}));
  EXPECT_EQ(pair_[0].received, std::vector<std::string>{"pong"});
}

TEST_F(Established, TakesSeveralRecordsInOneDatagram) {
  const size_t before = pair_[0].sent.size();
  pair_.rules.loss = 1;
  pair_.send(0, "one");
  pair_.send(0, "two");
  std::vector<uint8_t> both = pair_[0].sent.at(before);
  both.insert(both.end(), pair_[0].sent.at(before + 1).begin(), pair_[0].sent.at(before + 1).end());
  pair_.inject(1, both);
  EXPECT_EQ(pair_[1].received, (std::vector<std::string>{"one", "two"}));
}

TEST_F(Established, RefusesDataOfImpossibleSize) {
  EXPECT_EQ(pair_[0].session->send_application_data({}).error().kind, ErrorKind::kType);
  const std::vector<uint8_t> large(16385);
  EXPECT_EQ(pair_[0].session->send_application_data(large).error().kind, ErrorKind::kType);
  EXPECT_TRUE(pair_[0].session->send_application_data(Bytes(large).first(16384)));
}

TEST_F(Established, DropsWhatIsNotPolledInTime) {
  const std::vector<uint8_t> large(16384);
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(pair_[0].session->send_application_data(large));
  }
  EXPECT_GT(pair_[0].session->dropped(), 0u);
  size_t bytes = 0;
  while (const std::optional<Bytes> datagram = pair_[0].session->poll_transmit()) {
    bytes += datagram->size();
  }
  EXPECT_LE(bytes, 256u * 1024);
  pair_.send(0, "after");
  pair_.run_for(20ms);
  EXPECT_EQ(pair_[1].received, std::vector<std::string>{"after"});
}

TEST_F(Established, IsNotDisturbedByRepeatedHandshakeDatagrams) {
  const std::vector<std::vector<uint8_t>> from_client = pair_[0].sent;
  const std::vector<std::vector<uint8_t>> from_server = pair_[1].sent;
  for (const std::vector<uint8_t>& datagram : from_client) {
    pair_.inject(1, datagram);
  }
  for (const std::vector<uint8_t>& datagram : from_server) {
    pair_.inject(0, datagram);
  }
  EXPECT_EQ(pair_[0].session->state(), State::kConnected);
  EXPECT_EQ(pair_[1].session->state(), State::kConnected);
  pair_.send(0, "still here");
  pair_.run_for(20ms);
  EXPECT_EQ(pair_[1].received, std::vector<std::string>{"still here"});
}

TEST_F(Established, IsNotDisturbedByForgedOrDamagedDatagrams) {
  const size_t before = pair_[0].sent.size();
  pair_.rules.loss = 1;
  pair_.send(0, "secret");
  const std::vector<uint8_t> genuine = pair_[0].sent.at(before);
  for (size_t i = 0; i < genuine.size(); ++i) {
    std::vector<uint8_t> damaged = genuine;
    damaged[i] ^= 0x41;
    pair_.inject(1, damaged);
  }
  for (size_t length = 0; length < genuine.size(); ++length) {
    pair_.inject(1, Bytes(genuine).first(length));
  }
  // A plain close_notify, as anyone could send it.
  const std::vector<uint8_t> forged = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 9, 9, 0, 2, 1, 0};
  pair_.inject(1, forged);
  EXPECT_EQ(pair_[1].session->state(), State::kConnected);
  EXPECT_TRUE(pair_[1].received.empty());
  pair_.inject(1, genuine);
  EXPECT_EQ(pair_[1].received, std::vector<std::string>{"secret"});
  pair_.inject(1, genuine);  // a replay
  EXPECT_EQ(pair_[1].received.size(), 1u);
}

// DTL-12
TEST_F(Established, Dtl12ClosesWhenThePeerCloses) {
  pair_.close(0);
  pair_.run_for(20ms);
  EXPECT_EQ(pair_[1].session->state(), State::kClosed);
  EXPECT_EQ(pair_[1].states, (std::vector<std::string>{"connecting", "connected", "closed"}));
  EXPECT_FALSE(pair_[1].session->send_application_data(as_bytes("x")));
  EXPECT_FALSE(pair_[1].session->next_timeout());
}

TEST_F(Established, Dtl12DataBeforeTheCloseStillArrives) {
  const size_t before = pair_[0].sent.size();
  pair_.rules.loss = 1;
  pair_.send(0, "last words");
  pair_.close(0);
  std::vector<uint8_t> both = pair_[0].sent.at(before);
  both.insert(both.end(), pair_[0].sent.at(before + 1).begin(), pair_[0].sent.at(before + 1).end());
  pair_[1].states.clear();
  pair_[1].session->on_datagram(both, pair_.now());
  const std::optional<Event> first = pair_[1].session->poll_event();
  ASSERT_TRUE(first && std::holds_alternative<ApplicationData>(*first));
  EXPECT_EQ(as_text(std::get<ApplicationData>(*first).bytes), "last words");
  const std::optional<Event> second = pair_[1].session->poll_event();
  EXPECT_TRUE(second && std::holds_alternative<Closed>(*second));
  EXPECT_FALSE(pair_[1].session->poll_event());
}

// DTL-13
TEST(Connecting, Dtl13FailsWhenThePeerCloses) {
  Pair pair;
  pair.start();
  pair.run_for(15ms);  // the server has answered the hello
  ASSERT_EQ(pair[1].session->state(), State::kConnecting);
  pair.rules.admit = [](size_t from, Bytes) { return from == 0; };
  pair.close(0);
  pair.run_for(20ms);
  EXPECT_EQ(pair[1].session->state(), State::kFailed);
  EXPECT_EQ(pair[1].states, (std::vector<std::string>{"connecting", "failed"}));
}

TEST(Connecting, Dtl13AnEarlyServerFailsWhenThePeerClosesAfterTheHandshake) {
  Pair pair;
  pair.ice_ready(0);
  pair.connect(1, Role::kServer);
  pair.ice_ready(1);
  pair.run_for(1s);
  ASSERT_EQ(pair[1].session->state(), State::kConnected);
  pair.close(1);
  pair.run_for(20ms);
  EXPECT_EQ(pair[0].session->state(), State::kFailed);
}

TEST(Connecting, FailsOnAFatalAlert) {
  Pair pair;
  pair.connect(0, Role::kServer);
  pair.ice_ready(0);
  const std::vector<uint8_t> handshake_failure = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0,
                                                  0,  0,    1,    0, 2, 2, 40};
  pair.inject(0, handshake_failure);
  EXPECT_EQ(pair[0].session->state(), State::kFailed);
  EXPECT_NE(pair[0].failure.find("handshake failure"), std::string::npos) << pair[0].failure;
}

TEST(Connecting, AClosedServerThatHeardNothingStaysSilent) {
  Pair pair;
  pair.ice_ready(0);
  pair.close(0);
  EXPECT_TRUE(pair[0].sent.empty());
}

// DTL-14
TEST(Connecting, Dtl14ApplicationDataIsNotDeliveredBeforeThePeerIsVerified) {
  Pair pair;
  pair.ice_ready(0);
  pair.connect(1, Role::kServer);
  pair.ice_ready(1);
  pair.run_for(1s);
  pair.send(1, "too early");
  pair.run_for(20ms);
  EXPECT_TRUE(pair[0].received.empty());
  pair.connect(0, Role::kClient);
  EXPECT_EQ(pair[0].session->state(), State::kConnected);
  EXPECT_TRUE(pair[0].received.empty());
  pair.send(1, "in time");
  pair.run_for(20ms);
  EXPECT_EQ(pair[0].received, std::vector<std::string>{"in time"});
}

// DTL-14
TEST(Connecting, Dtl14PlainApplicationDataDoesNotDisturbTheHandshake) {
  Pair pair;
  pair.start();
  const std::vector<uint8_t> data = {23, 0xfe, 0xfd, 0, 0, 0,   0,   0,
                                     0,  0x10, 0,    0, 3, 'a', 'b', 'c'};
  pair.inject(1, data);
  EXPECT_TRUE(pair[1].received.empty());
}

// DTL-16
TEST_F(Established, Dtl16CloseNotifyIsReadyToSendAfterClose) {
  pair_.rules.loss = 1;
  pair_[0].session->close();
  EXPECT_EQ(pair_[0].session->state(), State::kClosed);
  const std::optional<Bytes> datagram = pair_[0].session->poll_transmit();
  ASSERT_TRUE(datagram);
  EXPECT_EQ((*datagram)[0], 21);                    // an alert
  EXPECT_EQ(load_be16(datagram->data() + 3), 1);    // protected
  EXPECT_FALSE(pair_[0].session->poll_transmit());  // once
  EXPECT_FALSE(pair_[0].session->poll_event());     // no event for our own doing
  const std::vector<uint8_t> copy(datagram->begin(), datagram->end());
  pair_.inject(1, copy);
  EXPECT_EQ(pair_[1].session->state(), State::kClosed);
}

TEST_F(Established, CloseIsIdempotentAndFinal) {
  pair_.close(0);
  const size_t sent = pair_[0].sent.size();
  pair_.close(0);
  pair_.ice_ready(0);
  pair_.run_for(1s);
  EXPECT_EQ(pair_[0].sent.size(), sent);
  EXPECT_EQ(pair_[0].session->state(), State::kClosed);
  EXPECT_EQ(pair_[0].states, (std::vector<std::string>{"connecting", "connected"}));
}

/// A DTLS peer made of nothing but the library, to do what our own sessions never do.
class PlainPeer {
 public:
  /// `cipher`: the only one to take, or null for all.
  PlainPeer(const Context& context, bool as_client, const char* cipher = nullptr)
      : bio_(output_, timer_), ssl_(SSL_new(context.native())) {
    if (cipher != nullptr) {
      EXPECT_EQ(SSL_set_cipher_list(ssl_.get(), cipher), 1);
    }
    SSL_clear_options(ssl_.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_ENCRYPT_THEN_MAC);
    bio_.attach(ssl_.get());
    DTLS_set_link_mtu(ssl_.get(), 1350);
    as_client ? SSL_set_connect_state(ssl_.get()) : SSL_set_accept_state(ssl_.get());
  }

  void step() { SSL_do_handshake(ssl_.get()); }
  void renegotiate() {
    SSL_renegotiate(ssl_.get());
    step();
  }
  bool write(std::string_view text) {
    return SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) > 0;
  }
  void close() { SSL_shutdown(ssl_.get()); }
  std::string read() {
    char buffer[100];
    const int size = SSL_read(ssl_.get(), buffer, sizeof(buffer));
    return size <= 0 ? "" : std::string(buffer, static_cast<size_t>(size));
  }
  void give(Bytes datagram) { bio_.set_input(datagram); }
  std::optional<Bytes> take() { return output_.pop(); }

 private:
  DatagramQueue output_{65536};
  RetransmitTimer timer_;
  DatagramBio bio_;
  OpenSslPtr<ssl_st> ssl_;
};

/// Connects a session of ours with a plain peer of either role. `before_each` runs before the
/// session gets a datagram.
void connect_with(
    PlainPeer& peer, const Context& peer_context, bool peer_is_client, Session& session,
    const std::function<void()>& before_each = [] {}) {
  session.on_ice_ready(0s);
  const std::vector<Fingerprint> fingerprints = {fingerprint_of(peer_context)};
  ASSERT_TRUE(session.connect(peer_is_client ? Role::kClient : Role::kServer, fingerprints, 0s));
  peer.step();
  for (int i = 0; i < 10; ++i) {
    while (const std::optional<Bytes> datagram = peer.take()) {
      before_each();
      session.on_datagram(*datagram, 0s);
    }
    while (const std::optional<Bytes> datagram = session.poll_transmit()) {
      peer.give(*datagram);
      peer.step();
    }
  }
  ASSERT_EQ(session.state(), State::kConnected);
  while (session.poll_event()) {
  }
}

class Renegotiation : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { connect_with(peer_, *peer_context_, GetParam(), session_); }

  std::shared_ptr<const Context> peer_context_ = make_context();
  PlainPeer peer_{*peer_context_, GetParam()};
  Session session_{make_context()};
};

// DTL-15
TEST_P(Renegotiation, Dtl15RequestIsIgnored) {
  ASSERT_TRUE(peer_.write("sent before"));
  const std::optional<Bytes> late = peer_.take();
  ASSERT_TRUE(late);
  const std::vector<uint8_t> late_datagram(late->begin(), late->end());
  peer_.renegotiate();
  const std::optional<Bytes> request = peer_.take();
  ASSERT_TRUE(request);
  ASSERT_EQ((*request)[0], 22);                  // a handshake message
  ASSERT_EQ(load_be16(request->data() + 3), 1);  // under the present keys
  session_.on_datagram(*request, 0s);
  EXPECT_EQ(session_.state(), State::kConnected);
  EXPECT_FALSE(session_.poll_event());
  // At most a refusal goes back; the peer here would end the connection over it, so lose it.
  while (const std::optional<Bytes> answer = session_.poll_transmit()) {
    EXPECT_EQ((*answer)[0], 21);
  }

  // The connection works on as it was, both ways.
  session_.on_datagram(late_datagram, 0s);
  const std::optional<Event> event = session_.poll_event();
  ASSERT_TRUE(event && std::holds_alternative<ApplicationData>(*event));
  EXPECT_EQ(as_text(std::get<ApplicationData>(*event).bytes), "sent before");
  ASSERT_TRUE(session_.send_application_data(as_bytes("still here")));
  const std::optional<Bytes> datagram = session_.poll_transmit();
  ASSERT_TRUE(datagram);
  peer_.give(*datagram);
  EXPECT_EQ(peer_.read(), "still here");
}

INSTANTIATE_TEST_SUITE_P(AsServerAndClient, Renegotiation, testing::Values(true, false));

/// A record that anybody can make who knows the addresses: its header is as it should be.
std::vector<uint8_t> forged_record(uint8_t type, uint16_t epoch, uint32_t number, size_t length) {
  std::vector<uint8_t> record(13 + length, 0x5a);
  ByteWriter writer(record);
  writer.u8(type);
  writer.u16(0xfefd);
  writer.u16(epoch);
  writer.u16(0);
  writer.u32(number);
  writer.u16(static_cast<uint16_t>(length));
  return record;
}

class ForgedRecords : public testing::TestWithParam<const char*> {};

// In plain text nothing protects a handshake; what claims to be protected must not disturb it.
TEST_P(ForgedRecords, OfTheNextEpochDoNotDisturbAHandshake) {
  for (const bool peer_is_client : {true, false}) {
    const auto peer_context = make_context();
    PlainPeer peer(*peer_context, peer_is_client, GetParam());
    Session session(make_context());
    uint32_t number = 1000;
    connect_with(peer, *peer_context, peer_is_client, session, [&] {
      for (uint8_t type = 20; type < 24; ++type) {
        for (const size_t length : {0, 1, 15, 16, 17, 23, 24, 25, 40, 48, 64}) {
          session.on_datagram(forged_record(type, 1, ++number, length), 0s);
        }
      }
    });
  }
}

TEST_P(ForgedRecords, DoNotDisturbAConnection) {
  for (const bool peer_is_client : {true, false}) {
    const auto peer_context = make_context();
    PlainPeer peer(*peer_context, peer_is_client, GetParam());
    Session session(make_context());
    connect_with(peer, *peer_context, peer_is_client, session);

    uint32_t number = 1000;
    for (const uint16_t epoch : std::initializer_list<uint16_t>{0, 1, 2, 0xffff}) {
      for (int type = 18; type < 28; ++type) {
        for (size_t length = 0; length < 80; ++length) {
          session.on_datagram(forged_record(static_cast<uint8_t>(type), epoch, ++number, length),
                              0s);
          ASSERT_EQ(session.state(), State::kConnected)
              << "epoch " << epoch << " type " << type << " length " << length;
        }
      }
    }
    EXPECT_FALSE(session.poll_event());
    EXPECT_FALSE(session.poll_transmit());

    // Real records still come, short ones too.
    ASSERT_TRUE(peer.write("x"));
    session.on_datagram(*peer.take(), 0s);
    const std::optional<Event> event = session.poll_event();
    ASSERT_TRUE(event && std::holds_alternative<ApplicationData>(*event));
    EXPECT_EQ(as_text(std::get<ApplicationData>(*event).bytes), "x");
    peer.close();
    session.on_datagram(*peer.take(), 0s);
    EXPECT_EQ(session.state(), State::kClosed);
  }
}

INSTANTIATE_TEST_SUITE_P(EachCipher, ForgedRecords,
                         testing::Values("ECDHE-ECDSA-AES128-GCM-SHA256",
                                         "ECDHE-ECDSA-AES256-GCM-SHA384",
                                         "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA",
                                         "ECDHE-ECDSA-AES256-SHA"),
                         [](const auto& p) {
                           std::string name = p.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace sluice::dtls
