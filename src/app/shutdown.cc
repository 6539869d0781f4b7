#include "app/shutdown.h"

#include <csignal>
#include <utility>

#include "base/log.h"

namespace sluice::app {
namespace {

const char* name_of(int signal) {
  switch (signal) {
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    default:
      return "signal";
  }
}

}  // namespace

Shutdown::Shutdown(web::EventLoop& loop, rooms::RoomService& rooms,
                   std::vector<web::Server*> servers, std::chrono::seconds drain)
    : loop_(loop), rooms_(rooms), servers_(std::move(servers)), drain_(drain) {}

void Shutdown::on_signal(int signal) {
  if (started_) {
    logger("app")->warn("{} again: ending at once", name_of(signal));
    exit_code_ = 128 + signal;
    loop_.stop();
    return;
  }
  started_ = true;
  logger("app")->info("{}: shutting down rooms={} peers={} drain_seconds={}", name_of(signal),
                      rooms_.room_count(), rooms_.peer_count(), drain_.count());
  drain_end_ = loop_.after(drain_, [this] { close_servers(); });
  // Posted, because the last room ends inside of a handler of the connections to be closed.
  rooms_.drain([this] { loop_.post([this] { close_servers(); }); });
}

void Shutdown::close_servers() {
  if (closing_) {
    return;
  }
  closing_ = true;
  drain_end_.cancel();
  open_servers_ = servers_.size();
  for (web::Server* server : servers_) {
    server->shutdown({}, [this] {
      if (--open_servers_ == 0) {
        logger("app")->info("stopped");
        loop_.stop();
      }
    });
  }
}

}  // namespace sluice::app
