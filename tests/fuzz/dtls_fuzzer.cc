// links: sluice_dtls
// Drives two sessions by the input: what the network does to their datagrams, forged datagrams in
// every state, timers, connect() before and after, application data, closing. Whatever comes, the
// sessions must not crash, and must not say "connected" with a wrong fingerprint.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <vector>

#include "protocol/dtls/context.h"
#include "protocol/dtls/session.h"

namespace {

using namespace sluice;
using namespace sluice::dtls;

std::shared_ptr<const Context> make_context() {
  return Context::create(Certificate::generate(std::chrono::system_clock::now()).value()).value();
}

const std::array<std::shared_ptr<const Context>, 2>& contexts() {
  static const std::array<std::shared_ptr<const Context>, 2> instance = {make_context(),
                                                                         make_context()};
  return instance;
}

using Datagram = std::vector<uint8_t>;

struct World {
  std::array<std::unique_ptr<Session>, 2> sessions = {std::make_unique<Session>(contexts()[0]),
                                                      std::make_unique<Session>(contexts()[1])};
  std::array<std::deque<Datagram>, 2> inbox;
  std::array<bool, 2> lied_to = {};
  Micros now = 1s;

  void drain(size_t i) {
    while (const auto datagram = sessions[i]->poll_transmit()) {
      if (inbox[1 - i].size() < 64) {
        inbox[1 - i].emplace_back(datagram->begin(), datagram->end());
      }
    }
    while (const auto event = sessions[i]->poll_event()) {
      if (std::holds_alternative<Connected>(*event) && lied_to[i]) {
        std::abort();
      }
    }
  }
};

void connect(World& world, size_t i, uint8_t how) {
  std::vector<Fingerprint> fingerprints = contexts()[1 - i]->certificate().fingerprints();
  if ((how & 4) != 0) {
    for (Fingerprint& fingerprint : fingerprints) {
      fingerprint.value[how % fingerprint.value.size()] ^= 0x10;
    }
  }
  if (world.sessions[i]->connect(static_cast<Role>(how % 3), fingerprints, world.now)) {
    world.lied_to[i] = (how & 4) != 0;
  }
}

void deliver(World& world, size_t i, const Datagram& datagram) {
  world.sessions[i]->on_datagram(datagram, world.now);
}

/// Runs one operation; the top bit of `op` says for which session.
void run(World& world, uint8_t op, ByteReader& input) {
  const size_t i = op >> 7;
  std::deque<Datagram>& inbox = world.inbox[i];
  switch (op & 15) {
    case 0:
      connect(world, i, input.u8());
      break;
    case 1:
      world.sessions[i]->on_ice_ready(world.now);
      break;
    case 2:  // a forged datagram
    {
      const Bytes bytes = input.bytes(std::min<size_t>(input.u16(), input.remaining()));
      deliver(world, i, Datagram(bytes.begin(), bytes.end()));
      break;
    }
    case 3:  // time passes
      world.now += Millis(input.u16());
      world.sessions[i]->on_timeout(world.now);
      break;
    case 4:
      (void)world.sessions[i]->send_application_data(
          input.bytes(std::min<size_t>(input.u8(), input.remaining())));
      break;
    case 5:
      world.sessions[i]->close();
      break;
    case 6:  // lost
      if (!inbox.empty()) {
        inbox.pop_front();
      }
      break;
    case 7:  // late
      if (!inbox.empty()) {
        inbox.push_back(std::move(inbox.front()));
        inbox.pop_front();
      }
      break;
    case 8:  // damaged, and repeated intact later
      if (!inbox.empty()) {
        Datagram damaged = inbox.front();
        const size_t position = input.u16() % damaged.size();
        damaged[position] ^= input.u8();
        deliver(world, i, damaged);
      }
      break;
    case 9:  // cut
      if (!inbox.empty()) {
        Datagram cut = inbox.front();
        cut.resize(input.u16() % (cut.size() + 1));
        deliver(world, i, cut);
      }
      break;
    case 10:  // duplicated
      if (!inbox.empty()) {
        deliver(world, i, Datagram(inbox.front()));
      }
      break;
    default:  // delivered
      if (!inbox.empty()) {
        const Datagram datagram = std::move(inbox.front());
        inbox.pop_front();
        deliver(world, i, datagram);
      }
      break;
  }
  world.drain(i);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  World world;
  ByteReader input(Bytes(data, size));
  for (int steps = 0; steps < 200 && input.remaining() > 0; ++steps) {
    run(world, input.u8(), input);
  }
  return 0;
}
