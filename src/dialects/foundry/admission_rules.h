// Who may open a connection, and into which room (foundryvtt 2.2, 6). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "web/request.h"

namespace sluice::foundry {

/// The room of connections that name none.
inline constexpr std::string_view kDefaultRoom = "default";
/// In characters.
inline constexpr size_t kMaxRoomName = 128;

struct AdmissionRules {
  std::string token;                 ///< what `?token=` must say; empty: nothing
  std::vector<std::string> origins;  ///< what `Origin` must be one of; empty: nothing
};

/// A refusal as an HTTP answer, or the room.
struct Decision {
  int status = 0;  ///< 0: welcome
  std::string why;
  std::string room;
};

Decision decide(const AdmissionRules& rules, const web::Request& request);

}  // namespace sluice::foundry
