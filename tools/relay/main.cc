// sluice_relay: puts a bad network between loopback clients and one UDP port.
//
//   sluice_relay --target 127.0.0.1:40000 --loss 5 --delay 50 --jitter 5 --reorder 2
//
// With --upstream-port, the target may itself be sure of whom it talks to, as one end of a pipe is.
//
// The same impairments hold in both directions. Prints `listening on ADDRESS` once it is ready,
// runs until SIGINT or SIGTERM, and then prints what happened to the datagrams. SIGUSR1 makes the
// network a good one, SIGUSR2 the bad one again. Test tool: loopback only.

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <string>

#include "net/udp_relay.h"

namespace {

using sluice::Micros;
using sluice::SocketAddress;

struct Options {
  std::string listen = "127.0.0.1:0";
  std::string target;
  double loss_percent = 0;
  double reorder_percent = 0;
  double duplicate_percent = 0;
  double delay_ms = 0;
  double jitter_ms = 0;
  double hold_ms = 10;
  double kilobits = 0;
  uint64_t seed = 1;
  uint16_t upstream_port = 0;
};

Micros milliseconds(double value) {
  return Micros(static_cast<Micros::rep>(value * 1000));
}

sluice::net::Impairments impairments(const Options& options) {
  sluice::net::Impairments result;
  result.loss = options.loss_percent / 100;
  result.reorder = options.reorder_percent / 100;
  result.duplicate = options.duplicate_percent / 100;
  result.delay = milliseconds(options.delay_ms);
  result.jitter = milliseconds(options.jitter_ms);
  result.reorder_hold = milliseconds(options.hold_ms);
  result.bandwidth = sluice::BitRate(static_cast<uint64_t>(options.kilobits * 1000));
  return result;
}

void print(const char* direction, const sluice::net::ImpairedLink::Counters& counters) {
  std::printf("%s: %llu in, %llu lost, %llu dropped by the queue, %llu reordered, %llu delivered\n",
              direction, static_cast<unsigned long long>(counters.pushed),
              static_cast<unsigned long long>(counters.lost),
              static_cast<unsigned long long>(counters.queue_dropped),
              static_cast<unsigned long long>(counters.reordered),
              static_cast<unsigned long long>(counters.delivered));
}

int run(const Options& options) {
  const auto listen = SocketAddress::parse(options.listen);
  const auto target = SocketAddress::parse(options.target);
  if (!listen || !target) {
    std::fprintf(stderr, "sluice_relay: an address has the form 127.0.0.1:5000 or [::1]:5000\n");
    return 2;
  }
  // Blocked before the relay's thread starts, so that only sigwait takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR1);
  sigaddset(&signals, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const sluice::net::Impairments both = impairments(options);
  auto relay = sluice::net::UdpRelay::create({.listen = *listen,
                                              .target = *target,
                                              .to_target = both,
                                              .to_client = both,
                                              .seed = options.seed,
                                              .upstream_port = options.upstream_port});
  if (!relay) {
    std::fprintf(stderr, "sluice_relay: %s\n", relay.error().message.c_str());
    return 1;
  }
  (*relay)->start();
  std::printf("listening on %s\n", (*relay)->local().to_string().c_str());
  std::fflush(stdout);

  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal == SIGUSR1) {
      (*relay)->set_impairments({}, {});
    } else if (signal == SIGUSR2) {
      (*relay)->set_impairments(both, both);
    } else {
      break;
    }
  }
  (*relay)->stop();
  print("to target", (*relay)->to_target_counters());
  print("to clients", (*relay)->to_client_counters());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("A UDP relay that loses, delays and reorders, on loopback only");
  app.add_option("--listen", options.listen, "Address for the clients; port 0: any free one")
      ->capture_default_str();
  app.add_option("--target", options.target, "Address that the clients want to reach")->required();
  const CLI::Range percent(0.0, 100.0);
  app.add_option("--loss", options.loss_percent, "Share of datagrams lost, in percent")
      ->check(percent);
  app.add_option("--reorder", options.reorder_percent, "Share held back, in percent")
      ->check(percent);
  app.add_option("--duplicate", options.duplicate_percent, "Share sent twice, in percent")
      ->check(percent);
  app.add_option("--delay", options.delay_ms, "One-way delay in milliseconds")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--jitter", options.jitter_ms, "Added to the delay, 0 to this, in milliseconds")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--hold", options.hold_ms, "How long a reordered datagram waits, in milliseconds")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  app.add_option("--bandwidth", options.kilobits, "Limit in kbit/s; 0: none")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--seed", options.seed, "Decides which datagrams are hit")->capture_default_str();
  app.add_option("--upstream-port", options.upstream_port,
                 "Port that the target sees its only client at; 0: any, for any number of clients");
  CLI11_PARSE(app, argc, argv);
  return run(options);
}
