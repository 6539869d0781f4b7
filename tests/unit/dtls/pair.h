// Two DTLS sessions joined by a seeded network emulator, in virtual time. Every datagram passes
// through `link`, which may lose, repeat, delay and reorder; nothing sleeps.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "protocol/dtls/context.h"
#include "protocol/dtls/session.h"

namespace sluice::dtls {

/// A context with a fresh certificate.
std::shared_ptr<const Context> make_context(ContextOptions options = {});

/// The fingerprint of the context's certificate.
Fingerprint fingerprint_of(const Context& context,
                           HashAlgorithm algorithm = HashAlgorithm::kSha256);

/// How the network treats each datagram.
struct LinkRules {
  double loss = 0;         ///< probability
  double duplication = 0;  ///< probability of a second copy
  Micros min_delay = 10ms;
  Micros max_delay = 10ms;
  /// When set, decides alone: false loses the datagram. Called with the sender (0 or 1).
  std::function<bool(size_t from, Bytes datagram)> admit;
};

/// One of the two ends, with everything it has reported.
struct End {
  explicit End(std::shared_ptr<const Context> shared)
      : context(std::move(shared)), session(std::make_unique<Session>(context)) {}

  std::shared_ptr<const Context> context;
  std::unique_ptr<Session> session;
  std::vector<std::string> states;  ///< in the order of the events
  std::optional<Connected> connected;
  std::string failure;
  std::vector<std::string> received;  ///< application data
  std::vector<Micros> sent_at;        ///< of every datagram
  std::vector<std::vector<uint8_t>> sent;
};

class Pair {
 public:
  explicit Pair(uint32_t seed = 1) : Pair(make_context(), make_context(), seed) {}
  Pair(std::shared_ptr<const Context> first, std::shared_ptr<const Context> second,
       uint32_t seed = 1);

  End& operator[](size_t i) { return ends_[i]; }
  [[nodiscard]] Micros now() const { return now_; }

  /// connect() with the other end's true fingerprint.
  Result<Role> connect(size_t i, Role remote_role);
  void ice_ready(size_t i);
  /// Both ends know each other and have ICE; the first is the client.
  void start();
  /// Hands a datagram to an end at once.
  void inject(size_t to, Bytes datagram);
  void send(size_t from, std::string_view text);
  void close(size_t i);
  /// Runs deliveries and timers until `duration` has passed.
  void run_for(Micros duration);
  /// Runs until both are connected or `limit` has passed; says which.
  bool run_until_connected(Micros limit = 60s);

  /// Datagrams under way.
  [[nodiscard]] size_t in_flight() const { return wire_.size(); }
  void lose_all_in_flight() { wire_.clear(); }
  /// Takes what end `i` has to send and to report.
  void drain(size_t i);

  LinkRules rules;

 private:
  struct Parcel {
    size_t to;
    std::vector<uint8_t> bytes;
  };

  void transmit(size_t from, Bytes datagram);
  /// The next thing that happens, if any.
  [[nodiscard]] std::optional<Micros> next_event() const;
  void step(Micros to);

  std::array<End, 2> ends_;
  std::multimap<Micros, Parcel> wire_;
  std::mt19937 random_;
  Micros now_ = 1000s;
};

}  // namespace sluice::dtls
