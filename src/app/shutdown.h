// The end of the server in order: drain, tell everybody, close. Control thread only.
#pragma once

#include <chrono>
#include <vector>

#include "rooms/room_service.h"
#include "web/event_loop.h"
#include "web/server.h"

namespace sluice::app {

class Shutdown {
 public:
  /// All of these outlive the shutdown. Rooms may go on for `drain` after the first signal.
  Shutdown(web::EventLoop& loop, rooms::RoomService& rooms, std::vector<web::Server*> servers,
           std::chrono::seconds drain);

  /// The first signal: no new rooms, and the end when the last one is gone or the time is up; then
  /// WebSockets are closed with 1001 and the loop stops. The second one: the loop stops at once.
  void on_signal(int signal);

  /// 0, or 128 plus the number of the second signal, as shells have it.
  [[nodiscard]] int exit_code() const { return exit_code_; }

 private:
  void close_servers();

  web::EventLoop& loop_;
  rooms::RoomService& rooms_;
  std::vector<web::Server*> servers_;
  std::chrono::seconds drain_;
  bool started_ = false;
  bool closing_ = false;
  size_t open_servers_ = 0;
  int exit_code_ = 0;
  web::Timer drain_end_;
};

}  // namespace sluice::app
