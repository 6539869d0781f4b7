// A peer for an agent: sends checks from numbered paths and reads what comes back.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/ice/agent.h"
#include "protocol/stun/binding.h"

namespace sluice::ice {

/// Path number n: one UDP path per n, told apart by the remote port.
inline Tuple path(uint16_t n) {
  return {.local = {IpAddress::v4(0x0a000001), 40000},
          .remote = {IpAddress::v4(0xc0000200u + n), n}};
}

inline Tuple tcp_path(uint16_t n, uint32_t connection = 1) {
  Tuple tuple = path(n);
  tuple.protocol = Protocol::kTcp;
  tuple.connection = connection;
  return tuple;
}

/// What to leave out of, or add to, a good request.
struct Check {
  bool use = false;
  std::optional<uint32_t> nomination = std::nullopt;
  std::optional<uint32_t> priority = 100;
  std::optional<uint64_t> controlling = 77;
  std::optional<uint64_t> controlled = std::nullopt;
  /// Instead of `<ufrag>:peer`.
  std::optional<std::string> username = std::nullopt;
  bool with_username = true;
  bool with_integrity = true;
  bool with_fingerprint = true;
};

/// One line per event, e.g. "added 1", "state connected", "ufrag abc"; tuples by path number.
inline std::string describe(const Event& event) {
  if (const auto* added = std::get_if<TupleAdded>(&event)) {
    return "added " + std::to_string(added->tuple.remote.port);
  }
  if (const auto* removed = std::get_if<TupleRemoved>(&event)) {
    return "removed " + std::to_string(removed->tuple.remote.port);
  }
  if (const auto* selected = std::get_if<SelectedTupleChanged>(&event)) {
    return "selected " + std::to_string(selected->tuple.remote.port);
  }
  if (const auto* state = std::get_if<StateChanged>(&event)) {
    return std::string("state ") + to_string(state->state);
  }
  return "ufrag " + std::get<UfragDropped>(event).ufrag;
}

using Events = std::vector<std::string>;

/// An agent with a peer that knows its credentials.
class AgentTest : public testing::Test {
 protected:
  explicit AgentTest(AgentOptions options = {})
      : agent_(options, Credentials{"localufrag", "localpassword"}, errors_),
        known_(agent_.local_credentials()) {}

  static std::vector<uint8_t> request(const Credentials& credentials, const Check& check) {
    std::array<uint8_t, 1024> buffer;
    const std::string username = check.username.value_or(credentials.ufrag + ":peer");
    const stun::BindingRequest wanted{
        .transaction_id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
        .username = check.with_username ? std::optional<std::string_view>(username) : std::nullopt,
        .priority = check.priority,
        .controlling = check.controlling,
        .controlled = check.controlled,
        .use_candidate = check.use,
        .nomination = check.nomination,
        .password = check.with_integrity ? std::optional<std::string_view>(credentials.password)
                                         : std::nullopt,
        .fingerprint = check.with_fingerprint,
    };
    const Bytes written = stun::write_request(buffer, wanted);
    return {written.begin(), written.end()};
  }

  /// 200 for success, the code of an error response, 0 for no answer. A success is checked for
  /// source address and signature by `credentials`.
  int answer(const Tuple& from, const Credentials& credentials) {
    const auto out = agent_.poll_transmit();
    if (!out) {
      return 0;
    }
    EXPECT_EQ(out->to, from);
    EXPECT_FALSE(agent_.poll_transmit());
    const auto message = stun::Message::parse(out->bytes());
    if (!message) {
      ADD_FAILURE() << "the answer does not parse";
      return -1;
    }
    EXPECT_TRUE(message->has_fingerprint());
    if (message->message_class() == stun::MessageClass::kError) {
      EXPECT_FALSE(message->has_integrity());
      return message->error_code()->code;
    }
    EXPECT_EQ(message->message_class(), stun::MessageClass::kSuccess);
    EXPECT_EQ(message->xor_mapped_address(), from.remote);
    EXPECT_TRUE(message->verify_integrity(credentials.password));
    EXPECT_EQ(message->transaction_id()[11], 12);
    return 200;
  }

  int check_with(const Credentials& credentials, const Tuple& from, const Check& check = {}) {
    agent_.on_stun(request(credentials, check), from, now_);
    return answer(from, credentials);
  }
  int check(const Tuple& from, const Check& check = {}) { return check_with(known_, from, check); }
  int check(uint16_t n, const Check& wanted = {}) { return check(path(n), wanted); }

  int raw(Bytes datagram, uint16_t n = 1) {
    agent_.on_stun(datagram, path(n), now_);
    return answer(path(n), known_);
  }

  Events events() {
    Events all;
    while (const auto event = agent_.poll_event()) {
      all.push_back(describe(*event));
    }
    return all;
  }

  /// Path number of the selected tuple, 0 for none.
  [[nodiscard]] int selected() const {
    return agent_.selected() == nullptr ? 0 : agent_.selected()->remote.port;
  }

  /// Path numbers of the list, newest first.
  [[nodiscard]] std::vector<int> paths() const {
    std::vector<int> all;
    for (size_t i = 0; i < agent_.tuple_count(); ++i) {
      all.push_back(agent_.tuple(i).remote.port);
    }
    return all;
  }

  ErrorRateLimit errors_;
  Agent agent_;
  Credentials known_;
  Micros now_ = 1000s;
};

}  // namespace sluice::ice
