// Only cookies of our own set up an association (SCT-11).
#include "protocol/sctp/state_cookie.h"

#include <gtest/gtest.h>

#include "protocol/sctp/error_cause.h"
#include "unit/sctp/raw_peer.h"

namespace sluice::sctp {
namespace {

StateCookie sample() {
  return {.created = 123456789us,
          .local = {1, 2, 3, 4, 5},
          .peer = {0xFFFFFFFF, 0x80000000, 65535, 1, 0xFFFFFFFE},
          .peer_extensions = {.forward_tsn = true, .reconfig = false},
          .local_tie_tag = 77,
          .peer_tie_tag = 88};
}

CookieKey key(uint8_t fill) {
  CookieKey key;
  key.fill(fill);
  return key;
}

TEST(StateCookie, OpensWhatItSigned) {
  const auto wire = sample().sign(key(1));
  const auto cookie = StateCookie::open(wire, key(1));
  ASSERT_TRUE(cookie);
  EXPECT_EQ(cookie->created, 123456789us);
  EXPECT_EQ(cookie->local.tag, 1u);
  EXPECT_EQ(cookie->local.initial_tsn, 5u);
  EXPECT_EQ(cookie->peer.tag, 0xFFFFFFFFu);
  EXPECT_EQ(cookie->peer.window, 0x80000000u);
  EXPECT_EQ(cookie->peer.outgoing_streams, 65535);
  EXPECT_EQ(cookie->peer.incoming_streams, 1);
  EXPECT_EQ(cookie->peer.initial_tsn, 0xFFFFFFFEu);
  EXPECT_EQ(cookie->peer_extensions, (Extensions{.forward_tsn = true, .reconfig = false}));
  EXPECT_EQ(cookie->local_tie_tag, 77u);
  EXPECT_EQ(cookie->peer_tie_tag, 88u);
}

TEST(StateCookie, SCT_11_EveryChangedByteIsNoticed) {
  const auto wire = sample().sign(key(1));
  for (size_t i = 0; i < wire.size(); ++i) {
    for (const int bit : {0x01, 0x80}) {
      auto changed = wire;
      changed[i] = static_cast<uint8_t>(changed[i] ^ bit);
      const auto cookie = StateCookie::open(changed, key(1));
      ASSERT_FALSE(cookie) << i;
      // The first eight bytes are the magic.
      EXPECT_EQ(cookie.error(),
                i < 8 ? StateCookie::Error::kMalformed : StateCookie::Error::kUnauthentic);
    }
  }
}

TEST(StateCookie, SCT_11_WrongLengthOrKey) {
  const auto wire = sample().sign(key(1));
  std::vector<uint8_t> longer(wire.begin(), wire.end());
  longer.push_back(0);
  EXPECT_EQ(StateCookie::open(longer, key(1)).error(), StateCookie::Error::kMalformed);
  for (size_t size = 0; size < wire.size(); ++size) {
    EXPECT_EQ(StateCookie::open(Bytes(wire).first(size), key(1)).error(),
              StateCookie::Error::kMalformed);
  }
  EXPECT_EQ(StateCookie::open(wire, key(2)).error(), StateCookie::Error::kUnauthentic);
}

/// An association that has answered our INIT, so that a cookie of its exists.
class CookieEcho : public testing::Test {
 protected:
  void SetUp() override {
    peer_.association.connect(peer_.now);
    peer_.take();
    peer_.send({{chunk::kInit, 0, peer_.init()}}, 0);
    const auto ack = peer_.take_chunk(chunk::kInitAck);
    ASSERT_TRUE(ack);
    const auto init = InitChunk::parse(ack->value);
    ASSERT_TRUE(init);
    tag_ = init->fields.tag;
    cookie_ = {init->cookie.begin(), init->cookie.end()};
  }

  void echo() { peer_.send({{chunk::kCookieEcho, 0, cookie_}}, tag_); }

  RawPeer peer_;
  uint32_t tag_ = 0;
  std::vector<uint8_t> cookie_;
};

TEST_F(CookieEcho, SetsUpTheAssociation) {
  echo();
  EXPECT_EQ(peer_.association.state(), State::kConnected);
  EXPECT_TRUE(peer_.take_chunk(chunk::kCookieAck));
}

TEST_F(CookieEcho, SCT_11_RefusedWhenDamaged) {
  for (const size_t position : {size_t{0}, size_t{20}, cookie_.size() - 1}) {
    cookie_[position] ^= 1;
    echo();
    cookie_[position] ^= 1;
  }
  cookie_.pop_back();
  echo();
  cookie_.clear();
  echo();
  EXPECT_EQ(peer_.association.state(), State::kConnecting);
  EXPECT_TRUE(peer_.take().empty());
  EXPECT_EQ(peer_.association.stats().bad_cookies, 5u);
}

TEST_F(CookieEcho, SCT_11_RefusedFromAnotherAssociation) {
  RawPeer other;
  other.association.connect(other.now);
  other.take();
  other.send({{chunk::kCookieEcho, 0, cookie_}}, tag_);
  EXPECT_EQ(other.association.state(), State::kConnecting);
  EXPECT_TRUE(other.take().empty());
}

TEST_F(CookieEcho, RefusedWithAnotherVerificationTag) {
  peer_.send({{chunk::kCookieEcho, 0, cookie_}}, tag_ + 1);
  EXPECT_EQ(peer_.association.state(), State::kConnecting);
}

TEST_F(CookieEcho, ChunksBehindARefusedCookieAreIgnored) {
  cookie_[30] ^= 1;
  peer_.send({{chunk::kCookieEcho, 0, cookie_}, {chunk::kAbort, 0, {}}}, tag_);
  EXPECT_EQ(peer_.association.state(), State::kConnecting);
}

TEST_F(CookieEcho, GoodForAMinute) {
  peer_.now += 60s;
  echo();
  EXPECT_EQ(peer_.association.state(), State::kConnected);
}

TEST_F(CookieEcho, StaleAfterAMinute) {
  peer_.now += 60s + 1us;
  echo();
  EXPECT_EQ(peer_.association.state(), State::kConnecting);
  const auto packets = peer_.take();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].tag, peer_.tag);
  ASSERT_EQ(packets[0].chunks.size(), 1u);
  EXPECT_EQ(packets[0].chunks[0].type, chunk::kError);
  EXPECT_EQ(packets[0].chunks[0].value, (std::vector<uint8_t>{0, 3, 0, 8, 0, 0, 0, 1}));
}

// An old cookie of the association that exists is no attempt to set up another.
TEST_F(CookieEcho, AgainWhenConnectedIsConfirmedAtAnyAge) {
  echo();
  peer_.take();
  peer_.events();
  peer_.now += 200s;
  echo();
  EXPECT_TRUE(peer_.take_chunk(chunk::kCookieAck));
  EXPECT_TRUE(peer_.events().empty());
}

TEST_F(CookieEcho, DataInTheSamePacketIsTaken) {
  std::vector<uint8_t> data(12);
  ByteWriter out(data);
  out.u32(peer_.tsn);
  out.u32(0x00010000);
  out.u32(ppid::kString);
  data.push_back('x');
  peer_.send({{chunk::kCookieEcho, 0, cookie_}, {chunk::kData, 3, data}}, tag_);
  const auto messages = peer_.messages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].stream, 1);
}

}  // namespace
}  // namespace sluice::sctp
