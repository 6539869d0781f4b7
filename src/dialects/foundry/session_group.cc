#include "dialects/foundry/session_group.h"

#include "dialects/foundry/session.h"

namespace sluice::foundry {
namespace {

std::string key_of(const std::string& room, const std::string& user) {
  // Room names have no control characters.
  return room + '\0' + user;
}

}  // namespace

void SessionGroup::enter(const std::string& room, const std::string& user, Session& session) {
  const std::string key = key_of(room, user);
  const auto [first, last] = users_.equal_range(key);
  for (auto entry = first; entry != last; ++entry) {
    if (entry->second != &session) {
      entry->second->probe();
    }
  }
  users_.emplace(key, &session);
}

void SessionGroup::exit(const std::string& room, const std::string& user, const Session& session) {
  const auto [first, last] = users_.equal_range(key_of(room, user));
  for (auto entry = first; entry != last; ++entry) {
    if (entry->second == &session) {
      users_.erase(entry);
      return;
    }
  }
}

}  // namespace sluice::foundry
