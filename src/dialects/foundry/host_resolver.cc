#include "dialects/foundry/host_resolver.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace sluice::foundry {

/// The queue of the thread, shared with it: a lookup may outlast its resolver, and takes with it
/// then no more than this.
struct HostResolver::Worker {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> names;
  /// Null once the resolver is gone.
  HostResolver* owner = nullptr;
  Lookup lookup;

  static void run(const std::shared_ptr<Worker>& self) {
    while (true) {
      std::string name;
      {
        std::unique_lock lock(self->mutex);
        self->changed.wait(lock, [&] { return self->owner == nullptr || !self->names.empty(); });
        if (self->owner == nullptr) {
          return;
        }
        name = std::move(self->names.front());
        self->names.pop_front();
      }
      Addresses addresses = self->lookup(name);
      const std::lock_guard lock(self->mutex);
      if (self->owner == nullptr) {
        return;
      }
      // Posted under the lock: the loop outlives the owner.
      self->owner->loop_.post([self, name = std::move(name), addresses = std::move(addresses)] {
        // Only the control thread sets `owner`, and this runs there.
        if (self->owner != nullptr) {
          self->owner->finish(name, addresses);
        }
      });
    }
  }
};

std::vector<IpAddress> look_up(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  std::vector<IpAddress> addresses;
  if (getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) {
    return addresses;
  }
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family == AF_INET) {
      sockaddr_in address{};
      std::memcpy(&address, entry->ai_addr, sizeof address);
      addresses.push_back(IpAddress::v4(ntohl(address.sin_addr.s_addr)));
    } else if (entry->ai_family == AF_INET6) {
      sockaddr_in6 address{};
      std::memcpy(&address, entry->ai_addr, sizeof address);
      std::array<uint8_t, 16> bytes{};
      std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
      addresses.push_back(IpAddress::v6(bytes));
    }
  }
  freeaddrinfo(found);
  return addresses;
}

HostResolver::HostResolver(web::EventLoop& loop, Lookup lookup)
    : loop_(loop), lookup_(std::move(lookup)) {}

HostResolver::~HostResolver() {
  if (worker_) {
    const std::lock_guard lock(worker_->mutex);
    worker_->owner = nullptr;
    worker_->changed.notify_all();
  }
}

void HostResolver::resolve(const std::string& name, Callback callback) {
  if (const auto known = known_.find(name);
      known != known_.end() && known->second.until > web::EventLoop::now()) {
    callback(known->second.addresses);
    return;
  }
  if (const auto at_work = pending_.find(name); at_work != pending_.end()) {
    at_work->second.callbacks.push_back(std::move(callback));
    return;
  }
  if (pending_.size() >= kMaxPending) {
    callback({});
    return;
  }
  Pending& pending = pending_[name];
  pending.callbacks.push_back(std::move(callback));
  pending.patience = loop_.after(kPatience, [this, name] { answer(name, {}); });
  if (!worker_) {
    worker_ = std::make_shared<Worker>();
    worker_->owner = this;
    worker_->lookup = lookup_;
    std::thread([worker = worker_] { Worker::run(worker); }).detach();
  }
  const std::lock_guard lock(worker_->mutex);
  worker_->names.push_back(name);
  worker_->changed.notify_all();
}

void HostResolver::finish(const std::string& name, const Addresses& addresses) {
  keep(name, addresses);
  answer(name, addresses);
}

void HostResolver::answer(const std::string& name, const Addresses& addresses) {
  auto node = pending_.extract(name);
  if (node.empty()) {
    return;
  }
  for (Callback& callback : node.mapped().callbacks) {
    callback(addresses);
  }
}

void HostResolver::keep(const std::string& name, Addresses addresses) {
  const Micros now = web::EventLoop::now();
  std::erase_if(known_, [now](const auto& entry) { return entry.second.until <= now; });
  if (known_.size() < kMaxKept) {
    known_.insert_or_assign(name, Known{std::move(addresses), now + kTimeToLive});
  }
}

}  // namespace sluice::foundry
