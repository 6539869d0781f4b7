#include "unit/sctp/world.h"

#include <algorithm>

namespace sluice::sctp {

void End::take_events() {
  if (!takes_messages) {
    return;
  }
  while (auto event = association->poll_event()) {
    if (auto* message = std::get_if<Message>(&*event)) {
      messages.push_back(std::move(*message));
    } else {
      events.push_back(std::move(*event));
    }
  }
}

net::Impairments rough_link() {
  return {.loss = 0.1, .duplicate = 0.1, .reorder = 0.1, .delay = 10ms, .jitter = 2ms};
}

net::Impairments clean_link(Micros delay) {
  return {.delay = delay};
}

World::World(const net::Impairments& link, const Options& options_a, const Options& options_b,
             uint64_t seed)
    : World(link, End(options_a), End(options_b), seed) {}

World::World(const net::Impairments& link, End end_a, End end_b, uint64_t seed)
    : a(std::move(end_a)),
      b(std::move(end_b)),
      links_{net::ImpairedLink(seed, link), net::ImpairedLink(seed + 1000, link)} {}

void World::connect() {
  a.association->connect(now);
  b.association->connect(now);
  ASSERT_TRUE(
      run_until([&] { return a.state() == State::kConnected && b.state() == State::kConnected; }));
}

void World::flush(End& end, net::ImpairedLink& link) {
  end.take_events();
  while (const auto packet = end.association->poll_transmit(now)) {
    ASSERT_LE(packet->size(), 1191u);
    if (!filter || filter(*packet, &end == &a)) {
      link.push(now, *packet);
    }
  }
  end.take_events();
}

void World::flush() {
  flush(a, links_[0]);
  flush(b, links_[1]);
}

void World::deliver(net::ImpairedLink& link, End& to) {
  while (const auto packet = link.pop_due(now)) {
    to.association->on_packet(*packet, now);
    to.take_events();
  }
}

bool World::step(Micros limit) {
  flush();
  std::optional<Micros> next;
  for (const auto due : {links_[0].next_due(), links_[1].next_due(), a.association->next_timeout(),
                         b.association->next_timeout()}) {
    next = earliest(next, due);
  }
  if (!next || *next > limit) {
    now = limit;
    return false;
  }
  now = std::max(now, *next);
  deliver(links_[0], b);
  deliver(links_[1], a);
  for (End* end : {&a, &b}) {
    if (const auto due = end->association->next_timeout(); due && *due <= now) {
      end->association->on_timeout(now);
      end->take_events();
      const auto after = end->association->next_timeout();
      EXPECT_TRUE(!after || *after > now) << "a timer that does not go away";
    }
  }
  return true;
}

bool World::run_until(const std::function<bool()>& done, Micros limit) {
  const Micros end = now + limit;
  while (!done()) {
    if (!step(end)) {
      return done();
    }
  }
  return true;
}

void World::run_for(Micros time) {
  run_until([] { return false; }, time);
}

void World::send_all(End& from, uint16_t stream, Bytes payload, const Reliability& reliability) {
  SendResult result = SendResult::kBufferFull;
  ASSERT_TRUE(run_until([&] {
    result = send(from, stream, payload, reliability);
    return result != SendResult::kBufferFull;
  }));
  ASSERT_EQ(result, SendResult::kAccepted);
}

void World::set_link(const net::Impairments& link) {
  links_[0].set_impairments(link);
  links_[1].set_impairments(link);
}

std::vector<uint8_t> pattern(size_t size, uint64_t seed) {
  std::vector<uint8_t> bytes(size);
  uint64_t x = seed * 0x9E3779B97F4A7C15 + 1;
  for (uint8_t& byte : bytes) {
    x = x * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<uint8_t>(x >> 56);
  }
  return bytes;
}

std::string text(const Message& message) {
  return {message.payload.begin(), message.payload.end()};
}

}  // namespace sluice::sctp
