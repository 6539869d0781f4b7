// Two associations and the seeded links between them, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/impaired_link.h"
#include "protocol/sctp/association.h"
#include "protocol/sctp/wire.h"

namespace sluice::sctp {

/// An association, and what it has reported.
struct End {
  explicit End(const Options& options, const Identity& identity = Identity::generate())
      : association(std::make_unique<Association>(options, identity)) {}

  std::unique_ptr<Association> association;
  std::vector<Message> messages;
  std::vector<Event> events;  ///< all others
  bool takes_messages = true;

  void take_events();

  template <class T>
  [[nodiscard]] std::vector<T> all() const {
    std::vector<T> found;
    for (const Event& event : events) {
      if (const T* e = std::get_if<T>(&event)) {
        found.push_back(*e);
      }
    }
    return found;
  }
  template <class T>
  [[nodiscard]] size_t count() const {
    return all<T>().size();
  }

  SendResult send(uint16_t stream, Bytes payload, const Reliability& reliability = {},
                  Micros now = {}) {
    return association->send(stream, ppid::kBinary, payload, reliability, now);
  }
  [[nodiscard]] State state() const { return association->state(); }
};

/// Loses, delays, reorders and repeats 10 % each (media-plane 9.6).
net::Impairments rough_link();
/// Only a delay.
net::Impairments clean_link(Micros delay = 10ms);

class World {
 public:
  explicit World(const net::Impairments& link = clean_link(), const Options& a = {},
                 const Options& b = {}, uint64_t seed = 1);
  World(const net::Impairments& link, End a, End b, uint64_t seed = 1);

  End a;
  End b;
  Micros now = 1s;

  /// Sees each packet before it enters the link; false drops it. `from_a`: whose packet it is.
  std::function<bool(Bytes packet, bool from_a)> filter;

  /// Both call connect(), then time passes until both are connected.
  void connect();

  /// Time passes until `done`, at most for `limit`. The result of `done`.
  bool run_until(const std::function<bool()>& done, Micros limit = 600s);
  void run_for(Micros time);

  SendResult send(End& from, uint16_t stream, Bytes payload, const Reliability& reliability = {}) {
    return from.association->send(stream, ppid::kBinary, payload, reliability, now);
  }
  /// Sends, letting time pass while the buffer is full.
  void send_all(End& from, uint16_t stream, Bytes payload, const Reliability& reliability = {});

  void set_link(const net::Impairments& link);
  /// Packets that entered the link from a, and from b.
  [[nodiscard]] uint64_t packets_from_a() const { return links_[0].counters().pushed; }
  [[nodiscard]] uint64_t packets_from_b() const { return links_[1].counters().pushed; }

  /// Takes what both have to say.
  void flush();

 private:
  void flush(End& end, net::ImpairedLink& link);
  void deliver(net::ImpairedLink& link, End& to);
  // One step; false when nothing happens until `limit`.
  bool step(Micros limit);

  std::array<net::ImpairedLink, 2> links_;
};

/// `size` bytes that depend on `seed`, so that mixed-up fragments are noticed.
std::vector<uint8_t> pattern(size_t size, uint64_t seed = 0);

std::string text(const Message& message);

}  // namespace sluice::sctp
