// Host names to addresses without blocking the control thread. Names come from clients (the Host
// field), so every part has a bound: names at work, names waiting for, and how long an answer is
// kept.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/socket_address.h"
#include "base/types.h"
#include "web/event_loop.h"

namespace sluice::foundry {

/// The system's answer for a name, empty when there is none. May block.
std::vector<IpAddress> look_up(const std::string& name);

class HostResolver {
 public:
  using Addresses = std::vector<IpAddress>;
  using Callback = std::move_only_function<void(const Addresses& addresses)>;
  using Lookup = std::function<Addresses(const std::string& name)>;

  /// How long a caller waits; a browser module gives its socket 15 s to open.
  static constexpr Micros kPatience = 2s;
  /// Answers, bad ones too, are kept this long.
  static constexpr Micros kTimeToLive = 30s;
  static constexpr size_t kMaxKept = 256;
  /// Names at work; with more, the answer is empty at once.
  static constexpr size_t kMaxPending = 32;

  /// `lookup` runs on a thread of the resolver. `loop` must outlive the resolver.
  explicit HostResolver(web::EventLoop& loop, Lookup lookup = look_up);
  /// Drops the callbacks that wait. Does not wait for a lookup at work.
  ~HostResolver();
  HostResolver(const HostResolver&) = delete;
  HostResolver& operator=(const HostResolver&) = delete;

  /// Calls back once on the control thread: at once when the answer is known, with an empty answer
  /// after kPatience.
  void resolve(const std::string& name, Callback callback);

 private:
  struct Worker;
  struct Known {
    Addresses addresses;
    Micros until;
  };
  struct Pending {
    std::vector<Callback> callbacks;
    web::Timer patience;
  };

  void finish(const std::string& name, const Addresses& addresses);
  void answer(const std::string& name, const Addresses& addresses);
  void keep(const std::string& name, Addresses addresses);

  web::EventLoop& loop_;
  Lookup lookup_;
  std::shared_ptr<Worker> worker_;
  std::unordered_map<std::string, Known> known_;
  std::unordered_map<std::string, Pending> pending_;
};

}  // namespace sluice::foundry
