// An epoll instance: which descriptors are ready, under numbers of the owner's choice.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/types.h"
#include "net/file_descriptor.h"

namespace sluice::net {

class Poller {
 public:
  static constexpr uint32_t kReadable = EPOLLIN | EPOLLRDHUP;
  static constexpr uint32_t kWritable = EPOLLOUT;

  struct Event {
    uint64_t tag;
    uint32_t flags;
  };

  Poller();

  /// False when the kernel has no room for another watch.
  [[nodiscard]] bool valid() const { return epoll_.valid(); }
  /// Level-triggered.
  bool add(int fd, uint64_t tag, uint32_t flags = kReadable);
  void modify(int fd, uint64_t tag, uint32_t flags);
  void remove(int fd);

  /// Waits until something is ready or `timeout` has passed; nothing as timeout waits for ever. The
  /// events stay until the next call.
  std::span<const Event> wait(std::optional<Micros> timeout);

 private:
  static constexpr size_t kMaxEvents = 64;

  FileDescriptor epoll_;
  std::array<epoll_event, kMaxEvents> raw_{};
  std::array<Event, kMaxEvents> events_{};
};

/// An eventfd: wakes a Poller from another thread.
class WakeEvent {
 public:
  WakeEvent();
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool valid() const { return fd_.valid(); }
  void signal();
  void clear();

 private:
  FileDescriptor fd_;
};

}  // namespace sluice::net
