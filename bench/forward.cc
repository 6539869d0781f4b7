#include "forward.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "floor.h"
#include "server.h"

namespace sluice::bench {
namespace {

using test::Buffer;
using test::LoopbackSocket;

/// Ticks before a round that are not counted: the caches get their usual contents.
constexpr unsigned kWarmUpTicks = 4;
/// Ticks that the histories hold at most: before that many, they are not as large as usual.
constexpr unsigned kFillTicks = 600;
/// Two turns of the pattern of temporal layers.
constexpr unsigned kVerifiedTicks = 8;
constexpr size_t kTagSize = 16;

/// Cost of one round, per packet sent to a receiver.
struct Cost {
  double own_ns = 0;     ///< in the program
  double kernel_ns = 0;  ///< in the calls that receive and send
  double per_message = 0;
  double packets = 0;
  double bytes = 0;  ///< of one datagram
  [[nodiscard]] double total_ns() const { return own_ns + kernel_ns; }
};

/// What one workload came to.
struct Result {
  std::string_view name;
  double floor_ns = 0;
  double sluice_ns = 0;
  double ratio = 0;
  double target = 0;
};

/// Packets and bytes of payload that a receiver gets of a tick.
struct Share {
  size_t packets = 0;
  size_t payload = 0;
};

Share share_of(const Workload& workload, size_t receiver, const std::vector<Train>& trains) {
  Share share;
  for (const Train& train : trains) {
    if (gets(workload, workload.target_layers(receiver), train)) {
      share.packets += train.packets.size();
      share.payload += train.packets.size() * train.payload_size;
    }
  }
  return share;
}

/// Datagrams that leave for all receivers.
uint64_t datagrams_of(const Workload& workload, const std::vector<Train>& trains) {
  uint64_t datagrams = 0;
  for (size_t receiver = 0; receiver < workload.receivers; ++receiver) {
    datagrams += share_of(workload, receiver, trains).packets;
  }
  return datagrams;
}

/// Sends one tick and runs the loop until it has been forwarded. Returns the loop's time.
Nanos forward_tick(Subject& subject) {
  net::Loop& loop = subject.loop();
  const uint64_t before_tick = loop.udp_counters().datagrams_out;
  const std::vector<Train>& trains = subject.send_tick();
  const uint64_t wanted = before_tick + datagrams_of(subject.workload(), trains);
  const Nanos before = thread_cpu_time();
  while (loop.udp_counters().datagrams_out < wanted) {
    loop.run_once(10ms);
  }
  return thread_cpu_time() - before;
}

Cost measure(Subject& subject, const ForwardOptions& options) {
  for (unsigned i = 0; i < kWarmUpTicks; ++i) {
    forward_tick(subject);
  }
  const Nanos calls_before = subject.calls().spent();
  const uint64_t messages_before = subject.calls().messages();
  const net::UdpCounters before = subject.loop().udp_counters();
  Nanos spent{0};
  for (unsigned i = 0; i < options.ticks; ++i) {
    spent += forward_tick(subject);
  }
  const net::UdpCounters after = subject.loop().udp_counters();
  const auto sent = static_cast<double>(after.datagrams_out - before.datagrams_out);
  const Nanos kernel = subject.calls().spent() - calls_before;
  return {.own_ns = static_cast<double>((spent - kernel).count()) / sent,
          .kernel_ns = static_cast<double>(kernel.count()) / sent,
          .per_message = sent / static_cast<double>(subject.calls().messages() - messages_before),
          .packets = sent,
          .bytes = static_cast<double>(after.bytes_out - before.bytes_out) / sent};
}

// --- verification --------------------------------------------------------------------------------

bool is_rtcp(const Buffer& packet) {
  return packet.size() > 1 && packet[1] >= 192 && packet[1] <= 223;
}

/// What waits at a socket.
std::vector<Buffer> drain(LoopbackSocket& socket) {
  std::vector<Buffer> packets;
  for (auto packet = socket.receive(); !packet.empty(); packet = socket.receive()) {
    packets.emplace_back(packet.begin(), packet.end());
  }
  std::erase_if(packets, is_rtcp);
  return packets;
}

/// Looks at what one receiver got of a tick: every packet that it is to get, authentic, and with
/// the payload that was sent. Returns the bytes that are more than payload and tag, of all packets.
std::optional<size_t> verify_share(Subject& subject, size_t receiver, LoopbackSocket& socket,
                                   const Share& share) {
  const std::vector<Buffer> packets = drain(socket);
  const std::vector<Buffer> plain = subject.unprotect(receiver, packets);
  if (packets.size() != share.packets || plain.size() != packets.size()) {
    std::fprintf(stderr, "%s: receiver %zu got %zu packets, %zu of them authentic, not %zu\n",
                 subject.name(), receiver, packets.size(), plain.size(), share.packets);
    return std::nullopt;
  }
  size_t bytes = 0;
  for (const Buffer& packet : packets) {
    bytes += packet.size();
  }
  return bytes - share.payload - share.packets * kTagSize;
}

/// Forwards some ticks and looks at what arrives. Returns the size of the header that all packets
/// have, nothing on failure.
std::optional<size_t> verify(Subject& subject, std::span<LoopbackSocket> receivers) {
  std::optional<size_t> header_size;
  for (unsigned tick = 0; tick < kVerifiedTicks; ++tick) {
    const uint64_t before = subject.loop().udp_counters().datagrams_out;
    const std::vector<Train>& trains = subject.send_tick();
    const uint64_t wanted = before + datagrams_of(subject.workload(), trains);
    for (int turn = 0; turn < 100 && subject.loop().udp_counters().datagrams_out < wanted; ++turn) {
      subject.loop().run_once(1ms);
    }
    for (size_t index = 0; index < receivers.size(); ++index) {
      const Share share = share_of(subject.workload(), index, trains);
      const auto headers = verify_share(subject, index, receivers[index], share);
      if (!headers) {
        return std::nullopt;
      }
      if (share.packets == 0) {
        continue;
      }
      const size_t size = *headers / share.packets;
      if (*headers % share.packets != 0 || size != header_size.value_or(size)) {
        std::fprintf(stderr, "%s: headers of different sizes\n", subject.name());
        return std::nullopt;
      }
      header_size = size;
    }
  }
  return header_size;
}

// --- figures -------------------------------------------------------------------------------------

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

template <class Member>
std::vector<double> all_of(std::span<const Cost> costs, Member member) {
  std::vector<double> values;
  for (const Cost& cost : costs) {
    values.push_back(std::invoke(member, cost));
  }
  return values;
}

void print_row(const char* name, std::span<const Cost> costs) {
  const std::vector<double> totals = all_of(costs, &Cost::total_ns);
  const auto [low, high] = std::ranges::minmax(totals);
  double packets = 0;
  for (const Cost& cost : costs) {
    packets += cost.packets;
  }
  std::printf("%-8s %8.0f %8.0f %8.0f %8.0f %8.0f %10.0f %8.2f %8.1f\n", name, median(totals), low,
              high, median(all_of(costs, &Cost::own_ns)), median(all_of(costs, &Cost::kernel_ns)),
              packets, median(all_of(costs, &Cost::per_message)),
              median(all_of(costs, &Cost::bytes)));
}

Result compare(Floor& floor, Server& server, const ForwardOptions& options) {
  const std::array<Subject*, 2> subjects = {&floor, &server};
  for (Subject* const subject : subjects) {
    for (unsigned i = 0; i < kFillTicks; ++i) {
      forward_tick(*subject);
    }
  }
  std::array<std::vector<Cost>, 2> costs;
  std::vector<double> ratios;
  std::vector<double> own_differences;
  for (unsigned round = 0; round < options.rounds; ++round) {
    // Who goes first changes, so that neither gains from a drift.
    for (unsigned turn = 0; turn < subjects.size(); ++turn) {
      const unsigned which = (round + turn) % subjects.size();
      costs[which].push_back(measure(*subjects[which], options));
    }
    ratios.push_back(costs[1].back().total_ns() / costs[0].back().total_ns());
    own_differences.push_back(costs[1].back().own_ns - costs[0].back().own_ns);
  }
  std::printf("CPU ns per packet sent to a receiver (median, least, most; medians of the parts)\n");
  std::printf("%-8s %8s %8s %8s %8s %8s %10s %8s %8s\n", "subject", "total", "min", "max", "own",
              "kernel", "packets", "per msg", "bytes");
  for (size_t i = 0; i < subjects.size(); ++i) {
    print_row(subjects[i]->name(), costs[i]);
  }
  const auto [low, high] = std::ranges::minmax(ratios);
  std::printf(
      "ratio sluice / floor, median of %u rounds: %.2f (%.2f..%.2f); own time of sluice more than "
      "floor, median: %.0f ns\n\n",
      options.rounds, median(ratios), low, high, median(own_differences));
  return {.name = subjects[0]->workload().name,
          .floor_ns = median(all_of(costs[0], &Cost::total_ns)),
          .sluice_ns = median(all_of(costs[1], &Cost::total_ns)),
          .ratio = median(ratios),
          .target = subjects[0]->workload().target};
}

std::optional<Result> run(const Workload& workload, const ForwardOptions& options) {
  std::printf("%.*s: %u -> %u receivers, %.*s; AEAD_AES_128_GCM; %u rounds of %u ticks, in turn\n",
              static_cast<int>(workload.name.size()), workload.name.data(), workload.senders,
              workload.receivers, static_cast<int>(workload.description.size()),
              workload.description.data(), options.rounds, options.ticks);
  std::vector<LoopbackSocket> server_receivers(workload.receivers);
  std::vector<LoopbackSocket> floor_receivers(workload.receivers);
  Server server(workload, server_receivers);
  const auto header_size = verify(server, server_receivers);
  if (!header_size) {
    return std::nullopt;
  }
  Floor floor(workload, floor_receivers, *header_size);
  if (verify(floor, floor_receivers) != header_size) {
    std::fputs("floor: packets differ from the server's\n", stderr);
    return std::nullopt;
  }
  for (const auto* sockets : {&server_receivers, &floor_receivers}) {
    for (const LoopbackSocket& socket : *sockets) {
      socket.stop_reading();
    }
  }
  return compare(floor, server, options);
}

}  // namespace

int run_forward(std::span<const Workload> workloads, const ForwardOptions& options) {
  std::vector<Result> results;
  for (const Workload& workload : workloads) {
    const auto result = run(workload, options);
    if (!result) {
      return 1;
    }
    results.push_back(*result);
  }
  std::printf("%-10s %10s %10s %8s %8s\n", "workload", "floor ns", "sluice ns", "ratio", "target");
  for (const Result& result : results) {
    std::printf("%-10.*s %10.0f %10.0f %8.2f %8.2f\n", static_cast<int>(result.name.size()),
                result.name.data(), result.floor_ns, result.sluice_ns, result.ratio, result.target);
  }
  return 0;
}

}  // namespace sluice::bench
