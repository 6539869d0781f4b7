// The table of methods of this dialect (internal to Session).
#pragma once

#include <string_view>

#include "dialects/foundry/session.h"

namespace sluice::foundry {

struct Session::Method {
  std::string_view name;
  /// The answer's name in the module's form.
  std::string_view answer;
  Result<Outcome> (Session::*handler)(const Request& request);
};

}  // namespace sluice::foundry
