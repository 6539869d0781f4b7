// What the sessions of one dialect instance share. Control thread only.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sluice::foundry {

class Session;

class SessionGroup {
 public:
  /// `ice_servers` are handed to every client; may be empty.
  explicit SessionGroup(boost::json::array ice_servers) : ice_servers_(std::move(ice_servers)) {}
  SessionGroup(const SessionGroup&) = delete;
  SessionGroup& operator=(const SessionGroup&) = delete;

  [[nodiscard]] const boost::json::array& ice_servers() const { return ice_servers_; }

  /// `session` speaks for `user` in `room` from now on. Others that do so already are asked for a
  /// sign of life: after a change of networks the old socket is dead but open, and its late end
  /// would silence the new one, because clients keep media by user (foundryvtt 2.3).
  void enter(const std::string& room, const std::string& user, Session& session);
  void exit(const std::string& room, const std::string& user, const Session& session);

  /// Id of the video producer that is being closed because its owner's new one follows; empty at
  /// any other time. It tells the sessions of a room why the producer closes (foundryvtt 2.7).
  std::string replaced_video;

 private:
  boost::json::array ice_servers_;
  /// By room and user.
  std::unordered_multimap<std::string, Session*> users_;
};

}  // namespace sluice::foundry
