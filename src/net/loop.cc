#include "net/loop.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "net/clock.h"

namespace sluice::net {
namespace {

constexpr uint64_t kWakeTag = 0;
constexpr uint64_t kUdpTag = uint64_t{1} << 32;
constexpr uint64_t kKindMask = uint64_t{0xffffffff} << 32;

// Datagrams of one socket in one turn; the rest waits for the other sockets' turn.
constexpr size_t kReceiveBudget = 256;
// How soon to try again when the kernel's buffers are full. It gives no notice for all causes.
constexpr Micros kRetryBlocked = 1ms;
// Datagrams kept over turns while the kernel is full (media-plane 12.5).
constexpr uint32_t kMaxKept = 256;
// sysexits.h: internal software error. A supervisor restarts the process.
constexpr int kExitSoftware = 70;

}  // namespace

Result<std::unique_ptr<Loop>> Loop::create(const LoopSettings& settings, SocketCalls& calls) {
  try {
    std::unique_ptr<Loop> loop(new Loop(settings, calls));
    if (!loop->poller_.valid() || !loop->wake_event_.valid() ||
        !loop->poller_.add(loop->wake_event_.fd(), kWakeTag)) {
      return generic_error("cannot set up a media loop: " + std::generic_category().message(errno));
    }
    return loop;
  } catch (const std::bad_alloc&) {
    return generic_error("cannot set up a media loop: no memory for its buffers");
  }
}

Loop::Loop(const LoopSettings& settings, SocketCalls& calls)
    : settings_(settings),
      now_(monotonic_now()),
      packets_(settings.packets, settings.index),
      timers_(now_),
      send_queue_(settings.send_bytes),
      receiver_(calls),
      sender_(calls),
      tcp_(poller_, timers_, settings.tcp),
      sockets_(kMaxSockets + 1) {
  send_queue_.on_full([](void* self) { static_cast<Loop*>(self)->flush(); }, this);
}

Loop::~Loop() {
  stop();
}

void Loop::post(std::move_only_function<void()> command) {
  {
    const std::lock_guard lock(commands_mutex_);
    commands_.push_back(std::move(command));
    has_commands_.store(true, std::memory_order_release);
  }
  wake();
}

void Loop::wake() {
  if (!wake_sent_.exchange(true, std::memory_order_acq_rel)) {
    wake_event_.signal();
  }
}

Result<uint8_t> Loop::add_socket(UdpSocket socket) {
  for (uint8_t index = 0; index < kMaxSockets; ++index) {
    if (sockets_[index]) {
      continue;
    }
    if (!poller_.add(socket.fd(), kUdpTag | index)) {
      return generic_error("cannot watch a UDP socket: " + std::generic_category().message(errno));
    }
    sockets_[index] = std::make_unique<UdpSocket>(std::move(socket));
    socket_end_ = std::max<size_t>(socket_end_, index + size_t{1});
    return index;
  }
  return generic_error("a media loop has at most " + std::to_string(kMaxSockets) + " UDP sockets");
}

void Loop::remove_socket(uint8_t index) {
  if (sockets_[index] && std::find(removed_.begin(), removed_.end(), index) == removed_.end()) {
    poller_.remove(sockets_[index]->fd());
    removed_.push_back(index);
  }
}

Result<void> Loop::add_listener(TcpListener listener) {
  if (!tcp_.add_listener(std::move(listener))) {
    return generic_error("cannot watch a TCP listener: " + std::generic_category().message(errno));
  }
  return {};
}

void Loop::start() {
  // Signals are for the main thread; the new thread inherits this mask.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  const std::string name = "loop-" + std::to_string(settings_.index);
  pthread_setname_np(thread_.native_handle(), name.c_str());
  if (settings_.cpu >= 0) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(static_cast<size_t>(settings_.cpu) % CPU_SETSIZE, &cpus);
    if (pthread_setaffinity_np(thread_.native_handle(), sizeof(cpus), &cpus) != 0) {
      logger("net")->warn("cannot pin loop={} to cpu={}", settings_.index, settings_.cpu);
    }
  }
}

void Loop::stop() {
  stopping_.store(true, std::memory_order_release);
  wake();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Loop::run() {
  try {
    while (!stopping_.load(std::memory_order_acquire)) {
      turn(std::nullopt);
    }
    // What was posted or received before `stop` still counts.
    turn(Micros{0});
  } catch (const std::exception& error) {
    logger("net")->critical("media loop died loop={} error=\"{}\"", settings_.index, error.what());
    std::_Exit(kExitSoftware);
  } catch (...) {
    logger("net")->critical("media loop died loop={}", settings_.index);
    std::_Exit(kExitSoftware);
  }
}

void Loop::run_once(Micros max_wait) {
  turn(max_wait);
}

std::optional<Micros> Loop::wait_limit(std::optional<Micros> max_wait) const {
  std::optional<Micros> limit = max_wait;
  const auto at_most = [&](Micros wait) {
    if (!limit || wait < *limit) {
      limit = wait;
    }
  };
  if (has_commands_.load(std::memory_order_acquire)) {
    at_most(Micros{0});
  }
  if (!send_queue_.empty()) {
    at_most(blocked_ ? kRetryBlocked : Micros{0});
  }
  if (const auto deadline = timers_.next_deadline()) {
    // The clock, not now_: the turn itself has taken time.
    at_most(std::max(*deadline - monotonic_now(), Micros{0}));
  }
  return limit;
}

void Loop::turn(std::optional<Micros> max_wait) {
  const auto events = poller_.wait(wait_limit(max_wait));
  const Micros started = now_ = monotonic_now();
  for (const Poller::Event& event : events) {
    if (event.tag == kWakeTag) {
      // Cleared before the commands and rings are read: a wake-up from now on means another turn.
      wake_event_.clear();
      wake_sent_.exchange(false, std::memory_order_acq_rel);
    }
  }
  run_commands();
  for (const Poller::Event& event : events) {
    dispatch(event);
  }
  handler_->on_turn(now_);
  stats_.timers += timers_.advance(now_);
  handler_->on_timers(now_);
  flush();
  tcp_.flush(*handler_, now_);
  close_removed_sockets();
  ++stats_.turns;
  stats_.busy += monotonic_now() - started;
}

void Loop::run_commands() {
  if (!has_commands_.load(std::memory_order_acquire)) {
    return;
  }
  {
    const std::lock_guard lock(commands_mutex_);
    std::swap(commands_, running_commands_);
    has_commands_.store(false, std::memory_order_relaxed);
  }
  stats_.commands += running_commands_.size();
  stats_.command_depth_peak =
      std::max<uint64_t>(stats_.command_depth_peak, running_commands_.size());
  for (auto& command : running_commands_) {
    command();
  }
  running_commands_.clear();
}

void Loop::dispatch(const Poller::Event& event) {
  const auto number = static_cast<uint32_t>(event.tag);
  switch (event.tag & kKindMask) {
    case kUdpTag:
      receive(static_cast<uint8_t>(number));
      break;
    case TcpConnections::kListenerTag:
      tcp_.on_listener_ready(number, *handler_, now_);
      break;
    case TcpConnections::kConnectionTag:
      tcp_.on_connection_ready(number, event.flags, *handler_, now_);
      break;
    default:
      break;
  }
}

void Loop::receive(uint8_t index) {
  UdpSocket* socket = sockets_[index].get();
  size_t budget = kReceiveBudget;
  // A socket that was removed in this turn stays until its end, but hears nothing more.
  while (std::find(removed_.begin(), removed_.end(), index) == removed_.end()) {
    const size_t messages = receiver_.read(*socket, index);
    if (messages == 0) {
      return;
    }
    now_ = monotonic_now();
    for (auto batch = receiver_.next(); !batch.empty(); batch = receiver_.next()) {
      handler_->on_datagrams(batch, now_);
      budget -= std::min(budget, batch.size());
    }
    if (messages < UdpReceiver::kMessages || budget == 0) {
      return;
    }
  }
}

void Loop::flush() {
  blocked_ = false;
  if (!send_queue_.empty()) {
    for (size_t i = 0; i < socket_end_; ++i) {
      const auto index = static_cast<uint8_t>(i);
      if (sockets_[i] && send_queue_.first(index) != nullptr) {
        blocked_ |= !sender_.flush(*sockets_[i], index, send_queue_, now_);
      }
    }
    flush_tcp_destinations();
    if (!blocked_ && !send_queue_.empty()) {
      // Nothing else waits: what is left was meant for a socket that does not exist any more.
      send_queue_.clear();
    }
  }
  send_queue_.recycle(kMaxKept);
}

void Loop::flush_tcp_destinations() {
  while (Destination* to = send_queue_.first(kTcpSocket)) {
    const SendQueue::Entry& entry = send_queue_.entry(to->first_entry());
    tcp_.send(to->tcp_connection(), {entry.data, entry.size}, entry.priority == Priority::kLow,
              now_);
    send_queue_.pop(*to, 1);
  }
}

void Loop::close_removed_sockets() {
  for (const uint8_t index : removed_) {
    send_queue_.drop_socket(index);
    removed_counters_.add(sockets_[index]->counters());
    sockets_[index].reset();
  }
  removed_.clear();
}

UdpCounters Loop::udp_counters() const {
  UdpCounters total = removed_counters_;
  for (const auto& socket : sockets_) {
    if (socket) {
      total.add(socket->counters());
    }
  }
  return total;
}

}  // namespace sluice::net
