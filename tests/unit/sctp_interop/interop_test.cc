// Our association against usrsctp, the stack that browsers have used for years: both directions of
// setting up, loss, large messages, partial reliability, resets, more streams, and all ends.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "net/impaired_link.h"
#include "protocol/sctp/association.h"
#include "protocol/sctp/wire.h"
#include "unit/sctp_interop/usrsctp_peer.h"

namespace sluice::sctp {
namespace {

enum class Role { kOursFirst, kTheirsFirst, kBoth };

std::vector<uint8_t> pattern(size_t size, uint64_t seed) {
  std::vector<uint8_t> bytes(size);
  uint64_t x = seed * 0x9E3779B97F4A7C15 + 1;
  for (uint8_t& byte : bytes) {
    x = x * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<uint8_t>(x >> 56);
  }
  return bytes;
}

net::Impairments clean() {
  return {.delay = 10ms};
}
net::Impairments rough() {
  return {.loss = 0.1, .duplicate = 0.1, .reorder = 0.1, .delay = 10ms, .jitter = 2ms};
}

class Pair {
 public:
  explicit Pair(const net::Impairments& link, uint64_t seed = 1, const Options& options = {},
                uint16_t their_streams = 1024)
      : ours(std::make_unique<Association>(options)),
        theirs(std::make_unique<UsrsctpPeer>(their_streams)),
        links_{net::ImpairedLink(seed, link), net::ImpairedLink(seed + 1000, link)} {}

  std::unique_ptr<Association> ours;
  std::unique_ptr<UsrsctpPeer> theirs;
  std::vector<Message> messages;
  std::vector<Event> events;
  Micros now = 1s;
  bool drop_our_init = false;

  void connect(Role role) {
    drop_our_init = role == Role::kTheirsFirst;
    role == Role::kOursFirst ? theirs->listen() : theirs->connect();
    ours->connect(now);
    ASSERT_TRUE(
        run_until([&] { return ours->state() == State::kConnected && theirs->connected(); }));
    drop_our_init = false;
  }

  bool run_until(const std::function<bool()>& done, Micros limit = 300s) {
    const Micros end = now + limit;
    while (!done()) {
      if (now >= end) {
        return false;
      }
      step();
    }
    return true;
  }
  void run_for(Micros time) {
    run_until([] { return false; }, time);
  }

  void send_ours(uint16_t stream, Bytes payload, const Reliability& reliability = {}) {
    ASSERT_TRUE(run_until([&] {
      return ours->send(stream, ppid::kBinary, payload, reliability, now) == SendResult::kAccepted;
    }));
  }
  void send_theirs(Bytes payload, const UsrsctpPeer::Send& how) {
    ASSERT_TRUE(run_until([&] { return theirs->send(payload, how); }));
  }

  template <class T>
  [[nodiscard]] size_t count() const {
    return static_cast<size_t>(std::ranges::count_if(
        events, [](const Event& event) { return std::holds_alternative<T>(event); }));
  }

  void set_link(const net::Impairments& link) {
    links_[0].set_impairments(link);
    links_[1].set_impairments(link);
  }

 private:
  void take_events() {
    while (auto event = ours->poll_event()) {
      if (auto* message = std::get_if<Message>(&*event)) {
        messages.push_back(std::move(*message));
      } else {
        events.push_back(std::move(*event));
      }
    }
  }

  void step() {
    take_events();
    while (const auto packet = ours->poll_transmit(now)) {
      if (!(drop_our_init && (*packet)[12] == chunk::kInit)) {
        links_[0].push(now, *packet);
      }
    }
    while (const auto packet = theirs->poll_transmit()) {
      links_[1].push(now, *packet);
    }
    Micros next = tick_;
    for (const auto due : {links_[0].next_due(), links_[1].next_due(), ours->next_timeout()}) {
      next = due ? std::min(next, *due) : next;
    }
    now = std::max(now, next);
    UsrsctpPeer::set_time(now);
    if (now >= tick_) {
      UsrsctpPeer::tick();
      tick_ += UsrsctpPeer::kTick;
    }
    while (const auto packet = links_[0].pop_due(now)) {
      theirs->on_packet(*packet);
    }
    while (const auto packet = links_[1].pop_due(now)) {
      ours->on_packet(*packet, now);
      take_events();
    }
    if (const auto due = ours->next_timeout(); due && *due <= now) {
      ours->on_timeout(now);
      take_events();
    }
  }

  std::array<net::ImpairedLink, 2> links_;
  Micros tick_ = 1s;
};

const std::vector<size_t> kSizes = {1, 2, 3, 4, 100, 1159, 1160, 1161, 5000, 65536, 262144, 1};

Options large() {
  return {.max_send_message_size = 2 << 20,
          .max_receive_message_size = 2 << 20,
          .send_buffer_size = 2 << 20};
}

struct Case {
  Role role;
  bool is_rough;
  uint64_t seed;
};

class Interop : public testing::TestWithParam<Case> {
 protected:
  Pair pair_{GetParam().is_rough ? rough() : clean(), GetParam().seed, large()};

  void connect() { pair_.connect(GetParam().role); }
};

TEST_P(Interop, MessagesOfAllSizesBothWays) {
  connect();
  EXPECT_EQ(pair_.ours->outgoing_streams(), 1024);
  for (size_t i = 0; i < kSizes.size(); ++i) {
    pair_.send_ours(1, pattern(kSizes[i], i));
    pair_.send_theirs(pattern(kSizes[i], i + 100), {.stream = 2});
  }
  ASSERT_TRUE(pair_.run_until([&] {
    return pair_.messages.size() == kSizes.size() && pair_.theirs->messages.size() == kSizes.size();
  }));
  for (size_t i = 0; i < kSizes.size(); ++i) {
    EXPECT_EQ(pair_.messages[i].payload, pattern(kSizes[i], i + 100)) << kSizes[i];
    EXPECT_EQ(pair_.messages[i].stream, 2);
    EXPECT_EQ(pair_.messages[i].ppid, ppid::kBinary);
    EXPECT_EQ(pair_.theirs->messages[i].payload, pattern(kSizes[i], i)) << kSizes[i];
    EXPECT_EQ(pair_.theirs->messages[i].stream, 1);
    EXPECT_EQ(pair_.theirs->messages[i].ppid, ppid::kBinary);
  }
}

TEST_P(Interop, OneMegabyteBothWays) {
  connect();
  pair_.send_ours(1, pattern(1 << 20, 1));
  pair_.send_theirs(pattern(1 << 20, 2), {.stream = 2});
  ASSERT_TRUE(
      pair_.run_until([&] { return !pair_.messages.empty() && !pair_.theirs->messages.empty(); }));
  EXPECT_EQ(pair_.messages[0].payload, pattern(1 << 20, 2));
  EXPECT_EQ(pair_.theirs->messages[0].payload, pattern(1 << 20, 1));
}

TEST_P(Interop, UnorderedAndManyStreams) {
  connect();
  for (size_t i = 0; i < 200; ++i) {
    const auto stream = static_cast<uint16_t>(i % 100);
    pair_.send_ours(stream, pattern(i * 30 + 1, i), {.ordered = i % 2 == 0});
    pair_.send_theirs(pattern(i * 30 + 1, i), {.stream = stream, .unordered = i % 2 == 1});
  }
  ASSERT_TRUE(pair_.run_until(
      [&] { return pair_.messages.size() == 200 && pair_.theirs->messages.size() == 200; }));
  for (const Message& message : pair_.messages) {
    const size_t i = (message.payload.size() - 1) / 30;
    EXPECT_EQ(message.payload, pattern(i * 30 + 1, i));
  }
  for (const UsrsctpPeer::Message& message : pair_.theirs->messages) {
    const size_t i = (message.payload.size() - 1) / 30;
    EXPECT_EQ(message.payload, pattern(i * 30 + 1, i));
  }
}

TEST_P(Interop, PartialReliability) {
  connect();
  for (size_t i = 0; i < 300; ++i) {
    const size_t size = i % 5 == 0 ? 3000 : 20;
    pair_.send_ours(1, pattern(size, i), {.ordered = true, .max_retransmits = 0});
    pair_.send_ours(2, pattern(size, i), {.ordered = false, .max_packet_life_time = 30ms});
    pair_.send_theirs(pattern(size, i), {.stream = 1, .max_retransmits = 0});
    pair_.send_theirs(pattern(size, i), {.stream = 2, .unordered = true, .life_time_ms = 30});
    pair_.run_for(10ms);
  }
  pair_.send_ours(1, pattern(7, 1));
  pair_.send_theirs(pattern(7, 1), {.stream = 1});
  const auto is_last = [](const auto& message) { return message.payload.size() == 7; };
  ASSERT_TRUE(pair_.run_until([&] {
    return std::ranges::any_of(pair_.messages, is_last) &&
           std::ranges::any_of(pair_.theirs->messages, is_last);
  }));
  ASSERT_TRUE(pair_.run_until([&] { return pair_.ours->buffered_amount() == 0; }));
  if (GetParam().is_rough) {
    EXPECT_LT(pair_.messages.size(), 601u);
    EXPECT_LT(pair_.theirs->messages.size(), 601u);
    EXPECT_GT(pair_.ours->stats().messages_abandoned, 0u);
  } else {
    EXPECT_EQ(pair_.messages.size(), 601u);
    EXPECT_EQ(pair_.theirs->messages.size(), 601u);
  }
  EXPECT_GT(pair_.messages.size(), 300u);
  EXPECT_GT(pair_.theirs->messages.size(), 300u);
  // Nothing piles up, though the last FORWARD TSN may have been lost.
  EXPECT_GT(pair_.ours->stats().receive_window, 2097152u + 65536 - 10000);
}

TEST_P(Interop, OurResets) {
  connect();
  for (int round = 0; round < 5; ++round) {
    for (uint16_t stream = 0; stream < 20; ++stream) {
      pair_.send_ours(stream, pattern(100, stream));
    }
    std::vector<uint16_t> streams(20);
    std::iota(streams.begin(), streams.end(), uint16_t{0});
    pair_.ours->reset_streams(streams, pair_.now);
  }
  ASSERT_TRUE(pair_.run_until([&] {
    return pair_.theirs->resets_by_peer.size() == 100 && pair_.theirs->messages.size() == 100;
  }));
  pair_.send_ours(3, pattern(100, 77));
  ASSERT_TRUE(pair_.run_until([&] { return pair_.theirs->messages.size() == 101; }));
  for (const Event& event : pair_.events) {
    if (const auto* reset = std::get_if<StreamsReset>(&event)) {
      EXPECT_TRUE(reset->performed);
    }
  }
}

TEST_P(Interop, TheirResets) {
  connect();
  for (int round = 0; round < 5; ++round) {
    for (uint16_t stream = 0; stream < 20; ++stream) {
      pair_.send_theirs(pattern(100, stream), {.stream = stream});
    }
    std::vector<uint16_t> streams(20);
    std::iota(streams.begin(), streams.end(), uint16_t{0});
    // One at a time is all it can do.
    ASSERT_TRUE(pair_.run_until([&] { return pair_.theirs->reset_streams(streams); }));
    const size_t expected = 20 * static_cast<size_t>(round + 1);
    // Ours follows each of them.
    ASSERT_TRUE(pair_.run_until([&] {
      return pair_.theirs->resets_done.size() == expected &&
             pair_.theirs->resets_by_peer.size() == expected;
    }));
  }
  EXPECT_EQ(pair_.messages.size(), 100u);
  EXPECT_EQ(pair_.theirs->failed_resets, 0u);
  pair_.send_theirs(pattern(100, 5), {.stream = 5});
  ASSERT_TRUE(pair_.run_until([&] { return pair_.messages.size() == 101; }));
}

TEST_P(Interop, AskedResetsBothWays) {
  connect();
  pair_.send_theirs(pattern(10, 1), {.stream = 6});
  pair_.send_ours(7, pattern(10, 2));
  ASSERT_TRUE(pair_.run_until(
      [&] { return pair_.messages.size() == 1 && pair_.theirs->messages.size() == 1; }));
  pair_.ours->ask_reset(std::vector<uint16_t>{6});
  ASSERT_TRUE(pair_.run_until([&] { return pair_.count<PeerStreamsReset>() == 1; }));
  pair_.run_for(5s);
  ASSERT_TRUE(pair_.theirs->reset_streams({7}, false));
  ASSERT_TRUE(pair_.run_until([&] {
    return std::ranges::find(pair_.theirs->resets_by_peer, 7) != pair_.theirs->resets_by_peer.end();
  }));
  pair_.send_theirs(pattern(10, 3), {.stream = 6});
  pair_.send_ours(7, pattern(10, 4));
  EXPECT_TRUE(pair_.run_until(
      [&] { return pair_.messages.size() == 2 && pair_.theirs->messages.size() == 2; }));
}

TEST_P(Interop, MoreStreams) {
  pair_.ours =
      std::make_unique<Association>(Options{.outgoing_streams = 16, .incoming_streams = 16});
  connect();
  EXPECT_EQ(pair_.ours->outgoing_streams(), 16);
  pair_.send_ours(100, pattern(50, 1));
  ASSERT_TRUE(pair_.run_until([&] { return pair_.theirs->messages.size() == 1; }));
  EXPECT_EQ(pair_.theirs->messages[0].stream, 100);
  ASSERT_TRUE(pair_.theirs->add_streams(100));
  ASSERT_TRUE(pair_.run_until([&] { return pair_.theirs->outbound_streams == 116; }));
  pair_.send_theirs(pattern(50, 2), {.stream = 115});
  ASSERT_TRUE(pair_.run_until([&] { return pair_.messages.size() == 1; }));
  EXPECT_EQ(pair_.messages[0].stream, 115);
}

TEST_P(Interop, WeShutDown) {
  connect();
  for (size_t i = 0; i < 20; ++i) {
    pair_.send_ours(1, pattern(20000, i));
  }
  pair_.ours->shutdown();
  ASSERT_TRUE(pair_.run_until([&] { return pair_.ours->state() == State::kClosed; }));
  ASSERT_TRUE(pair_.run_until([&] { return pair_.theirs->ended(); }));
  EXPECT_EQ(pair_.theirs->messages.size(), 20u);
}

TEST_P(Interop, TheyShutDown) {
  connect();
  for (size_t i = 0; i < 20; ++i) {
    pair_.send_theirs(pattern(20000, i), {.stream = 1});
  }
  pair_.theirs->shutdown();
  ASSERT_TRUE(pair_.run_until([&] { return pair_.ours->state() == State::kClosed; }));
  EXPECT_EQ(pair_.messages.size(), 20u);
  EXPECT_EQ(pair_.count<Closed>(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Roles, Interop,
    testing::Values(Case{Role::kOursFirst, false, 1}, Case{Role::kTheirsFirst, false, 1},
                    Case{Role::kBoth, false, 1}, Case{Role::kOursFirst, true, 1},
                    Case{Role::kTheirsFirst, true, 2}, Case{Role::kBoth, true, 3},
                    Case{Role::kOursFirst, true, 4}, Case{Role::kTheirsFirst, true, 5}),
    [](const auto& row) {
      const char* role = row.param.role == Role::kOursFirst     ? "OursFirst"
                         : row.param.role == Role::kTheirsFirst ? "TheirsFirst"
                                                                : "Both";
      return std::string(role) + (row.param.is_rough ? "Rough" : "Clean") +
             std::to_string(row.param.seed);
    });

TEST(InteropEnd, WeAbort) {
  Pair pair(clean());
  pair.connect(Role::kOursFirst);
  pair.ours->close();
  ASSERT_TRUE(pair.run_until([&] { return pair.theirs->ended(); }, 1s));
}

TEST(InteropEnd, TheyAbort) {
  Pair pair(clean());
  pair.connect(Role::kTheirsFirst);
  pair.theirs->close();
  ASSERT_TRUE(pair.run_until([&] { return pair.ours->state() == State::kClosed; }, 1s));
}

TEST(InteropRestart, WeRestart) {
  Pair pair(clean());
  pair.connect(Role::kTheirsFirst);
  pair.send_ours(1, pattern(100, 1));
  ASSERT_TRUE(pair.run_until([&] { return pair.theirs->messages.size() == 1; }));
  pair.ours = std::make_unique<Association>(Options{});
  pair.ours->connect(pair.now);
  ASSERT_TRUE(pair.run_until([&] { return pair.ours->state() == State::kConnected; }));
  EXPECT_EQ(pair.theirs->restarts, 1u);
  pair.send_ours(1, pattern(100, 2));
  pair.send_theirs(pattern(100, 3), {.stream = 1});
  ASSERT_TRUE(pair.run_until(
      [&] { return pair.theirs->messages.size() == 2 && pair.messages.size() == 1; }));
}

TEST(InteropRestart, TheyRestart) {
  Pair pair(clean());
  pair.connect(Role::kOursFirst);
  pair.send_ours(1, pattern(100, 1));
  ASSERT_TRUE(pair.run_until([&] { return pair.theirs->messages.size() == 1; }));
  pair.set_link({.loss = 1});  // so that nothing of the end is seen
  pair.theirs.reset();
  pair.theirs = std::make_unique<UsrsctpPeer>(1024);
  pair.run_for(100ms);
  pair.set_link(clean());
  pair.theirs->connect();
  ASSERT_TRUE(pair.run_until([&] { return pair.count<Restarted>() == 1; }));
  pair.send_ours(1, pattern(100, 2));
  pair.send_theirs(pattern(100, 3), {.stream = 1});
  ASSERT_TRUE(pair.run_until(
      [&] { return pair.theirs->messages.size() == 1 && pair.messages.size() == 1; }));
}

}  // namespace
}  // namespace sluice::sctp
