#include "lab/control_thread.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace sluice::lab {

ControlThread::ControlThread() : wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (wake_ < 0) {
    throw std::system_error(errno, std::generic_category(), "eventfd");
  }
}

ControlThread::~ControlThread() {
  close(wake_);
}

void ControlThread::post(Work work) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
  }
  const uint64_t one = 1;
  // It fails only when the counter is full, and then the thread is awake.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
}

void ControlThread::run_posted() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = read(wake_, &count, sizeof(count));
  std::vector<Work> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(posted_);
  }
  for (Work& piece : work) {
    piece();
  }
}

void ControlThread::run(int input, const std::function<void(const std::string&)>& on_line) {
  std::string text;
  std::array<char, 65536> chunk;
  for (;;) {
    std::array<pollfd, 2> watched = {{{input, POLLIN, 0}, {wake_, POLLIN, 0}}};
    if (poll(watched.data(), watched.size(), -1) < 0) {
      continue;
    }
    if (watched[1].revents != 0) {
      run_posted();
    }
    if (watched[0].revents == 0) {
      continue;
    }
    const ssize_t size = read(input, chunk.data(), chunk.size());
    if (size <= 0) {
      return;
    }
    text.append(chunk.data(), static_cast<size_t>(size));
    size_t start = 0;
    for (size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
      on_line(text.substr(start, end - start));
    }
    text.erase(0, start);
  }
}

}  // namespace sluice::lab
