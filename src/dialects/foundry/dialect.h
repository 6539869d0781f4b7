// The FoundryVTT dialect on a web server: connections in, sessions out
// (foundryvtt 1.1, 2.2, 2.3, 3.4, 6). Closing on shutdown is the web server's, and so are pings,
// limits of messages and of backlog.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/socket_address.h"
#include "base/types.h"
#include "dialects/foundry/admission_rules.h"
#include "dialects/foundry/host_resolver.h"
#include "dialects/foundry/session_group.h"
#include "rooms/room_service.h"
#include "web/event_loop.h"
#include "web/router.h"

namespace sluice::foundry {

struct Options {
  AdmissionRules admission;
  boost::json::array ice_servers;
  /// Whether the engine announces an address of its own. Otherwise each connection gets candidates
  /// after the way it came (candidates.h).
  bool address_announced = false;
  /// The addresses of this machine's interfaces, asked for at each connection; may be empty.
  std::function<std::vector<IpAddress>()> machine_addresses;
  /// How host names of clients are looked up; runs on a thread of its own.
  HostResolver::Lookup lookup = look_up;
};

/// How long an older connection of a user has to give a sign of life when a newer one comes.
inline constexpr Micros kProbeTimeout = 3s;

class FoundryDialect {
 public:
  /// `loop` and `rooms` must outlive the dialect.
  FoundryDialect(web::EventLoop& loop, rooms::RoomService& rooms, Options options);
  /// Every session leaves its room.
  ~FoundryDialect();
  FoundryDialect(const FoundryDialect&) = delete;
  FoundryDialect& operator=(const FoundryDialect&) = delete;

  /// WebSockets at `prefix` and below, whatever the path, `GET <prefix>/health`, and
  /// `POST <prefix>/admission`, which says whether a WebSocket with this query would be let in.
  /// Other plain requests learn that this is a WebSocket (426). With an empty prefix the dialect
  /// has the whole server. The router must not outlive the dialect's last request.
  void mount(web::Router& router, const std::string& prefix);

  [[nodiscard]] size_t connection_count() const { return connections_.size(); }
  /// The JSON text of `/health`.
  [[nodiscard]] std::string health() const;

 private:
  struct Connection;

  void on_upgrade(const web::Request& request, web::Upgrade upgrade);
  void open(web::Upgrade upgrade, const std::string& room, const std::string& client,
            std::vector<std::string> addresses);
  void close(uint64_t number, const web::CloseEvent& event);

  web::EventLoop& loop_;
  rooms::RoomService& rooms_;
  Options options_;
  SessionGroup group_;
  HostResolver resolver_;
  uint64_t last_number_ = 0;
  std::unordered_map<uint64_t, std::unique_ptr<Connection>> connections_;
};

}  // namespace sluice::foundry
