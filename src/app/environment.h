// Environment variables: ours, `SLUICE_<GROUP>_<NAME>`.
#pragma once

#include <map>
#include <string>

#include "app/assignment.h"

namespace sluice::app {

using Environment = std::map<std::string, std::string, std::less<>>;

/// Empty variables count as unset. Unknown ones that look like ours are a warning only: an
/// orchestrator may set variables of such names for purposes of its own.
Readings read_environment(const Environment& environment);

}  // namespace sluice::app
