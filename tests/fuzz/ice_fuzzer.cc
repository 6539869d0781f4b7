// links: sluice_ice
// Two agents behind one port, driven by a script of checks, raw datagrams, media, closed paths,
// restarts and passing time. Checked after each step: the limits and invariants of the agent, that
// the server table mirrors the agents, and that nobody without a password gets more than a short
// error back.
#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/ice/agent.h"
#include "protocol/ice/demux.h"
#include "protocol/ice/server_table.h"
#include "protocol/stun/binding.h"

namespace {

using namespace sluice;  // NOLINT(google-build-using-namespace): a program of one file

constexpr size_t kErrorSize = 36;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

ice::Tuple path(uint8_t n) {
  return {.protocol = n % 4 == 3 ? ice::Protocol::kTcp : ice::Protocol::kUdp,
          .socket = 0,
          .connection = n % 4 == 3 ? 1u : 0u,
          .local = {IpAddress::v4(0x0a000001), 40000},
          .remote = {IpAddress::v4(0xc0000200u + n % 32), 1000}};
}

class Port {
 public:
  Port() {
    for (uint32_t i = 0; i < agents_.size(); ++i) {
      const ice::Credentials credentials = fresh();
      require(table_.add_ufrag(credentials.ufrag, i));
      agents_[i].emplace(ice::AgentOptions{.consent_timeout = i == 0 ? 10s : 0s}, credentials,
                         errors_);
    }
  }

  void run(ByteReader script) {
    while (script.remaining() > 0) {
      step(script);
      check();
    }
  }

 private:
  ice::Credentials fresh() {
    ++restarts_;
    return {"ufrag" + std::to_string(restarts_), "password" + std::to_string(restarts_)};
  }

  void step(ByteReader& script) {
    const uint8_t action = script.u8();
    const uint32_t index = action >> 7;
    ice::Agent& agent = *agents_[index];
    switch (action & 0x07) {
      case 0:
      case 1:
        check_request(script, agent);
        break;
      case 2: {
        const ice::Tuple from = path(script.u8());
        datagram(script.bytes(std::min<size_t>(script.u8(), script.remaining())), from, false);
        break;
      }
      case 3: {
        const ice::Tuple from = path(script.u8());
        const bool known = agent.knows(from);
        const bool moved = agent.latch(from, now_);
        require(!moved || (known && *agent.selected() == from));
        break;
      }
      case 4:
        agent.remove_tuple(path(script.u8()), now_);
        break;
      case 5: {
        const ice::Credentials credentials = fresh();
        require(table_.add_ufrag(credentials.ufrag, index));
        agent.restart(now_, credentials);
        break;
      }
      case 6:
        now_ += script.u8() * 100ms;
        break;
      default:
        if (const auto due = agent.next_timeout(); due && *due <= now_) {
          agent.on_timeout(now_);
          require(agent.state() == ice::State::kDisconnected && agent.tuple_count() == 0);
        } else {
          agent.on_timeout(now_);
        }
        break;
    }
    follow();
  }

  /// A well-formed request, with this or that missing or wrong.
  void check_request(ByteReader& script, const ice::Agent& agent) {
    const uint8_t flags = script.u8();
    const ice::Tuple from = path(script.u8());
    const bool old = (flags & 0x01) != 0 && agent.old_credentials() != nullptr;
    const ice::Credentials& pair = old ? *agent.old_credentials() : agent.local_credentials();
    const std::string username = pair.ufrag + ":peer";
    const bool right_password = (flags & 0xc0) != 0xc0;
    stun::BindingRequest request{.username = username, .priority = 1};
    request.use_candidate = (flags & 0x02) != 0;
    if ((flags & 0x04) != 0) {
      request.nomination = script.u8();
    }
    if ((flags & 0x18) == 0x18) {
      request.controlled = 1;
    }
    request.fingerprint = (flags & 0x28) != 0x28;
    request.password = right_password ? std::string_view(pair.password) : "guess";
    std::array<uint8_t, 256> buffer;
    datagram(stun::write_request(buffer, request), from, right_password);
  }

  void datagram(Bytes bytes, const ice::Tuple& from, bool authentic) {
    static_cast<void>(ice::classify_plain(bytes));
    if (ice::classify(bytes) != ice::PacketClass::kStun) {
      return;
    }
    const auto message = stun::Message::parse(bytes);
    const auto owner = message ? table_.route(*message, from) : std::nullopt;
    if (!owner) {
      return;
    }
    ice::Agent& agent = *agents_[*owner];
    const bool known = agent.knows(from);
    agent.on_stun(*message, from, now_);
    if (const auto answer = agent.poll_transmit()) {
      require(answer->to == from);
      const auto parsed = stun::Message::parse(answer->bytes());
      require(parsed.has_value());
      require(authentic || answer->size == kErrorSize);
    }
    require(authentic || agent.knows(from) == known);
  }

  void follow() {
    for (uint32_t i = 0; i < agents_.size(); ++i) {
      while (const auto event = agents_[i]->poll_event()) {
        if (const auto* added = std::get_if<ice::TupleAdded>(&*event)) {
          require(table_.find(added->tuple).value_or(i) == i);
        }
        table_.apply(*event, i);
      }
    }
  }

  void check() const {
    size_t tuples = 0;
    size_t ufrags = 0;
    for (uint32_t i = 0; i < agents_.size(); ++i) {
      const ice::Agent& agent = *agents_[i];
      require(agent.tuple_count() <= ice::Agent::kMaxTuples);
      const bool up =
          agent.state() == ice::State::kConnected || agent.state() == ice::State::kCompleted;
      require((agent.selected() != nullptr) == up);
      require(!up || agent.knows(*agent.selected()));
      require(agent.next_timeout().has_value() == (up && agent.consent_timeout() != 0s));
      for (size_t n = 0; n < agent.tuple_count(); ++n) {
        require(table_.find(agent.tuple(n)) == i);
      }
      tuples += agent.tuple_count();
      ufrags += agent.old_credentials() != nullptr ? 2 : 1;
    }
    require(table_.tuple_count() == tuples);
    require(table_.ufrag_count() == ufrags);
  }

  ice::ErrorRateLimit errors_;
  ice::ServerTable table_;
  std::array<std::optional<ice::Agent>, 2> agents_;
  unsigned restarts_ = 0;
  Micros now_{0};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Port().run(ByteReader(Bytes(data, size)));
  return 0;
}
