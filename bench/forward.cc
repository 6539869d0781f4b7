#include "forward.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "floor.h"
#include "server.h"

namespace sluice::bench {
namespace {

using test::Buffer;
using test::LoopbackSocket;

/// Frames before a round that are not counted: the caches get their usual contents.
constexpr unsigned kWarmUpFrames = 4;
/// Frames that the histories hold at most: before that many, they are not as large as usual.
constexpr unsigned kFillFrames = 600;
constexpr unsigned kVerifiedFrames = 3;

/// Cost of one round, per packet sent to a receiver.
struct Cost {
  double own_ns = 0;     ///< in the program
  double kernel_ns = 0;  ///< in the calls that receive and send
  double per_message = 0;
  double packets = 0;
  double bytes = 0;  ///< of one datagram
  [[nodiscard]] double total_ns() const { return own_ns + kernel_ns; }
};

/// Sends one frame and runs the loop until it has been forwarded. Returns the loop's time.
Nanos forward_frame(Subject& subject, uint64_t datagrams) {
  net::Loop& loop = subject.loop();
  const uint64_t wanted = loop.udp_counters().datagrams_out + datagrams;
  subject.send_frame();
  const Nanos before = thread_cpu_time();
  while (loop.udp_counters().datagrams_out < wanted) {
    loop.run_once(10ms);
  }
  return thread_cpu_time() - before;
}

Cost measure(Subject& subject, const ForwardOptions& options) {
  const uint64_t datagrams = uint64_t{options.video.burst} * options.receivers;
  for (unsigned i = 0; i < kWarmUpFrames; ++i) {
    forward_frame(subject, datagrams);
  }
  const Nanos calls_before = subject.calls().spent();
  const uint64_t messages_before = subject.calls().messages();
  const net::UdpCounters before = subject.loop().udp_counters();
  Nanos spent{0};
  for (unsigned i = 0; i < options.frames; ++i) {
    spent += forward_frame(subject, datagrams);
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

/// Forwards some frames and looks at what arrives: every receiver must get every packet, authentic,
/// with the payload that was sent, and all of one size. Returns that size, nothing on failure.
std::optional<size_t> verify(Subject& subject, std::span<LoopbackSocket> receivers,
                             const ForwardOptions& options) {
  std::optional<size_t> size;
  for (unsigned frame = 0; frame < kVerifiedFrames; ++frame) {
    forward_frame(subject, uint64_t{options.video.burst} * options.receivers);
    for (size_t index = 0; index < receivers.size(); ++index) {
      const std::vector<Buffer> packets = drain(receivers[index]);
      const std::vector<Buffer> plain = subject.unprotect(index, packets);
      if (packets.size() != options.video.burst || plain.size() != packets.size()) {
        std::fprintf(stderr, "%s: receiver %zu got %zu packets, %zu of them authentic, not %u\n",
                     subject.name(), index, packets.size(), plain.size(), options.video.burst);
        return std::nullopt;
      }
      for (const Buffer& packet : packets) {
        if (packet.size() != size.value_or(packet.size())) {
          std::fprintf(stderr, "%s: packets of different sizes\n", subject.name());
          return std::nullopt;
        }
        size = packet.size();
      }
    }
  }
  return size;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void print_row(const char* name, std::span<const Cost> costs) {
  const auto of = [&](auto member) {
    std::vector<double> values;
    for (const Cost& cost : costs) {
      values.push_back(std::invoke(member, cost));
    }
    return values;
  };
  const std::vector<double> totals = of(&Cost::total_ns);
  const auto [low, high] = std::ranges::minmax(totals);
  double packets = 0;
  for (const Cost& cost : costs) {
    packets += cost.packets;
  }
  std::printf("%-8s %8.0f %8.0f %8.0f %8.0f %8.0f %10.0f %8.2f %8.1f\n", name, median(totals), low,
              high, median(of(&Cost::own_ns)), median(of(&Cost::kernel_ns)), packets,
              median(of(&Cost::per_message)), median(of(&Cost::bytes)));
}

}  // namespace

int run_forward(const ForwardOptions& options) {
  std::printf(
      "forward: 1 -> %u receivers, bursts of %u packets of %u bytes, AEAD_AES_128_GCM; %u rounds "
      "of %u bursts, in turn\n",
      options.receivers, options.video.burst, options.video.packet_size, options.rounds,
      options.frames);
  std::vector<LoopbackSocket> server_receivers(options.receivers);
  std::vector<LoopbackSocket> floor_receivers(options.receivers);
  Server server(options.video, server_receivers);
  const auto size = verify(server, server_receivers, options);
  if (!size) {
    return 1;
  }
  const size_t payload_and_tag = options.video.packet_size - VideoSource::kHeaderSize + 16;
  Floor floor(options.video, floor_receivers, *size - payload_and_tag);
  if (verify(floor, floor_receivers, options) != size) {
    std::fputs("floor: packets differ from the server's\n", stderr);
    return 1;
  }
  for (const auto* sockets : {&server_receivers, &floor_receivers}) {
    for (const LoopbackSocket& socket : *sockets) {
      socket.stop_reading();
    }
  }
  const std::array<Subject*, 2> subjects = {&floor, &server};
  for (Subject* subject : subjects) {
    for (unsigned i = 0; i < kFillFrames; ++i) {
      forward_frame(*subject, uint64_t{options.video.burst} * options.receivers);
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
  std::printf(
      "\nCPU ns per packet sent to a receiver (median, least, most; medians of the parts)\n");
  std::printf("%-8s %8s %8s %8s %8s %8s %10s %8s %8s\n", "subject", "total", "min", "max", "own",
              "kernel", "packets", "per msg", "bytes");
  for (size_t i = 0; i < subjects.size(); ++i) {
    print_row(subjects[i]->name(), costs[i]);
  }
  const auto [low, high] = std::ranges::minmax(ratios);
  std::printf(
      "\nratio sluice / floor, median of %u rounds: %.2f (%.2f..%.2f); target: at most "
      "1.60\nown time of sluice more than floor, median: %.0f ns\n",
      options.rounds, median(ratios), low, high, median(own_differences));
  return 0;
}

}  // namespace sluice::bench
