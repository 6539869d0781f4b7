#include "net/poller.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <ctime>

namespace sluice::net {

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

bool Poller::add(int fd, uint64_t tag, uint32_t flags) {
  epoll_event event{};
  event.events = flags;
  event.data.u64 = tag;
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::modify(int fd, uint64_t tag, uint32_t flags) {
  epoll_event event{};
  event.events = flags;
  event.data.u64 = tag;
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Poller::remove(int fd) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

std::span<const Poller::Event> Poller::wait(std::optional<Micros> timeout) {
  timespec limit{};
  if (timeout) {
    const int64_t micros = std::max<int64_t>(timeout->count(), 0);
    limit.tv_sec = static_cast<time_t>(micros / 1000000);
    limit.tv_nsec = static_cast<long>(micros % 1000000 * 1000);
  }
  // The older calls round to whole milliseconds, the length of a timer tick.
  const int ready = epoll_pwait2(epoll_.get(), raw_.data(), static_cast<int>(raw_.size()),
                                 timeout ? &limit : nullptr, nullptr);
  const size_t count = ready > 0 ? static_cast<size_t>(ready) : 0;
  for (size_t i = 0; i < count; ++i) {
    events_[i] = {raw_[i].data.u64, raw_[i].events};
  }
  return std::span(events_).first(count);
}

WakeEvent::WakeEvent() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void WakeEvent::signal() {
  eventfd_write(fd_.get(), 1);
}

void WakeEvent::clear() {
  eventfd_t value = 0;
  eventfd_read(fd_.get(), &value);
}

}  // namespace sluice::net
