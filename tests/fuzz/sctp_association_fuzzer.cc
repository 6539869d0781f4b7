// links: sluice_sctp
// Two associations after a real handshake, driven by the input: what the network does to their
// packets, packets with forged chunks (right tag and checksum, TSNs near the real ones), time, and
// everything the application may do. Whatever comes, both stay within their bounds.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <vector>

#include "protocol/sctp/association.h"
#include "protocol/sctp/crc32c.h"
#include "protocol/sctp/data_chunk.h"
#include "protocol/sctp/packet.h"
#include "protocol/sctp/packet_builder.h"
#include "protocol/sctp/wire.h"

namespace {

using namespace sluice;
using namespace sluice::sctp;

using Packet = std::vector<uint8_t>;

constexpr Options kOptions = {.outgoing_streams = 40,
                              .incoming_streams = 40,
                              .max_send_message_size = 20000,
                              .max_receive_message_size = 10000,
                              .send_buffer_size = 40000,
                              .receive_buffer_size = 80000};

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

Identity identity(uint8_t n) {
  Identity identity{.tag = 0x1000u + n, .initial_tsn = n == 0 ? 0xFFFFFFF0u : 5u};
  identity.cookie_key.fill(n);
  return identity;
}

struct World {
  std::array<std::unique_ptr<Association>, 2> ends = {
      std::make_unique<Association>(kOptions, identity(0)),
      std::make_unique<Association>(kOptions, identity(1))};
  std::array<std::deque<Packet>, 2> inbox;
  std::array<bool, 2> takes_events = {true, true};
  // Of the last packet to each end: what a forged one needs to be taken seriously.
  std::array<uint32_t, 2> tag = {};
  std::array<uint32_t, 2> tsn = {};
  std::array<uint32_t, 2> request = {};
  Micros now = 1s;

  void observe(size_t to, Bytes bytes) {
    const auto packet = PacketView::parse(bytes);
    require(packet.has_value());
    tag[to] = packet->verification_tag();
    ChunkReader chunks = packet->chunks();
    while (const auto chunk = chunks.next()) {
      if (chunk->type == chunk::kData) {
        tsn[to] = load_be32(chunk->value.data());
      } else if (chunk->type == chunk::kSack) {
        tsn[1 - to] = load_be32(chunk->value.data());
      } else if (chunk->type == chunk::kInit || chunk->type == chunk::kInitAck) {
        tsn[to] = load_be32(&chunk->value[12]) - 1;
        request[to] = tsn[to] + 1;
      }
    }
  }

  void drain(size_t i) {
    int packets = 0;
    while (const auto packet = ends[i]->poll_transmit(now)) {
      require(packet->size() <= kOptions.max_packet_size);
      require(++packets < 500);
      observe(1 - i, *packet);
      if (inbox[1 - i].size() < 100) {
        inbox[1 - i].emplace_back(packet->begin(), packet->end());
      }
    }
    while (takes_events[i]) {
      const auto event = ends[i]->poll_event();
      if (!event) {
        break;
      }
      if (const auto* message = std::get_if<Message>(&*event)) {
        require(message->payload.size() <= kOptions.max_receive_message_size);
      }
    }
    check(i);
  }

  void check(size_t i) {
    const Association& end = *ends[i];
    const Stats stats = end.stats();
    require(end.buffered_amount() <= kOptions.send_buffer_size);
    require(stats.receive_window <= 80000);
    require(stats.in_flight <= 200000);
    if (end.state() == State::kClosed || end.state() == State::kFailed) {
      require(!end.next_timeout());
      require(end.buffered_amount() == 0);
    }
  }

  void pass_time(size_t i, Micros time) {
    now += time;
    // As often as the timers want, and no more.
    for (int fired = 0; ends[i]->next_timeout() && *ends[i]->next_timeout() <= now; ++fired) {
      require(fired < 3);
      ends[i]->on_timeout(now);
    }
  }

  void deliver(size_t i, const Packet& packet) { ends[i]->on_packet(packet, now); }
};

void handshake(World& world) {
  world.ends[0]->connect(world.now);
  world.ends[1]->connect(world.now);
  for (int turn = 0; turn < 6; ++turn) {
    for (const size_t i : {0u, 1u}) {
      world.drain(i);
      while (!world.inbox[1 - i].empty()) {
        world.deliver(1 - i, world.inbox[1 - i].front());
        world.inbox[1 - i].pop_front();
      }
    }
  }
  require(world.ends[0]->state() == State::kConnected);
  require(world.ends[1]->state() == State::kConnected);
}

/// A value with numbers near the real ones where the type has some.
std::vector<uint8_t> forge(World& world, size_t i, uint8_t type, ByteReader& input) {
  const Bytes raw = input.bytes(std::min<size_t>(input.u8(), input.remaining()));
  std::vector<uint8_t> value(raw.begin(), raw.end());
  const auto near = [&](size_t offset, uint32_t real) {
    if (value.size() >= offset + 4) {
      const auto delta = static_cast<int8_t>(value[offset + 3]);
      store_be32(&value[offset], real + static_cast<uint32_t>(delta));
    }
  };
  switch (type) {
    case chunk::kData:
    case chunk::kForwardTsn:
      near(0, world.tsn[i]);
      break;
    case chunk::kSack:
    case chunk::kShutdown:
      near(0, world.tsn[1 - i]);
      break;
    case chunk::kReconfig:
      near(4, world.request[i]);
      near(12, world.tsn[i]);
      break;
    default:
      break;
  }
  return value;
}

void deliver_forged(World& world, size_t i, ByteReader& input) {
  std::vector<uint8_t> buffer(4096);
  PacketBuilder packet(buffer, world.tag[i]);
  const int count = input.u8() % 8 + 1;
  for (int n = 0; n < count; ++n) {
    static constexpr std::array<uint8_t, 12> kTypes = {
        chunk::kData,     chunk::kData,      chunk::kSack,       chunk::kForwardTsn,
        chunk::kReconfig, chunk::kHeartbeat, chunk::kShutdown,   chunk::kShutdownAck,
        chunk::kError,    chunk::kInit,      chunk::kCookieEcho, chunk::kAbort};
    const uint8_t choice = input.u8();
    // An ABORT ends the fun, so it takes more than one of a dozen.
    uint8_t type = choice < 250 ? kTypes[choice % (kTypes.size() - 1)] : kTypes.back();
    if (choice == 249) {
      type = input.u8();
    }
    const uint8_t flags = input.u8();
    packet.add(type, flags, forge(world, i, type, input));
  }
  const Bytes bytes = packet.finish();
  world.deliver(i, Packet(bytes.begin(), bytes.end()));
}

/// Changes a byte and repairs the checksum.
void deliver_changed(World& world, size_t i, ByteReader& input) {
  if (world.inbox[i].empty()) {
    return;
  }
  Packet changed = world.inbox[i].front();
  changed[input.u16() % changed.size()] ^= input.u8();
  store_be32(&changed[8], packet_checksum(changed));
  world.deliver(i, changed);
}

void run(World& world, uint8_t op, ByteReader& input) {
  const size_t i = op >> 7;
  std::deque<Packet>& inbox = world.inbox[i];
  Association& end = *world.ends[i];
  switch (op & 15) {
    case 0:
      deliver_forged(world, i, input);
      break;
    case 1:
      deliver_changed(world, i, input);
      break;
    case 2:  // lost
      if (!inbox.empty()) {
        inbox.pop_front();
      }
      break;
    case 3:  // late
      if (!inbox.empty()) {
        inbox.push_back(std::move(inbox.front()));
        inbox.pop_front();
      }
      break;
    case 4:  // repeated
      if (!inbox.empty()) {
        world.deliver(i, Packet(inbox.front()));
      }
      break;
    case 5:
      world.pass_time(i, Millis(input.u8()));
      break;
    case 6:
      world.pass_time(i, Millis(input.u16()));
      break;
    case 7:
    case 8: {
      const uint8_t how = input.u8();
      Reliability reliability;
      reliability.ordered = (how & 1) != 0;
      if ((how & 2) != 0) {
        reliability.max_retransmits = (how >> 4) & 3;
      } else if ((how & 4) != 0) {
        reliability.max_packet_life_time = Millis(how);
      }
      const std::vector<uint8_t> payload(input.u8() * ((how & 8) != 0 ? 90 : 1), how);
      (void)end.send(input.u8() % 64, ppid::kString + how % 7, payload, reliability, world.now);
      break;
    }
    case 9:
      end.reset_streams(std::vector<uint16_t>{input.u8(), static_cast<uint16_t>(input.u8() % 40)},
                        world.now);
      break;
    case 10:
      end.ask_reset(std::vector<uint16_t>{static_cast<uint16_t>(input.u8() % 40)});
      break;
    case 11:
      world.takes_events[i] = !world.takes_events[i];
      break;
    case 12:
      switch (input.u8() % 16) {
        case 0:
          end.shutdown();
          break;
        case 1:
          end.close();
          break;
        case 2:  // starts anew
          world.ends[i] =
              std::make_unique<Association>(kOptions, identity(static_cast<uint8_t>(2 + i)));
          world.ends[i]->connect(world.now);
          break;
        default:
          end.set_buffered_amount_low_threshold(input.u8(), input.u8());
          end.open_stream(input.u8());
          break;
      }
      break;
    default:  // delivered
      for (int n = op & 3; n >= 0 && !inbox.empty(); --n) {
        const Packet packet = std::move(inbox.front());
        inbox.pop_front();
        world.deliver(i, packet);
      }
      break;
  }
  world.drain(i);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  World world;
  handshake(world);
  ByteReader input(Bytes(data, size));
  for (int steps = 0; steps < 400 && input.remaining() > 0; ++steps) {
    run(world, input.u8(), input);
  }
  return 0;
}
