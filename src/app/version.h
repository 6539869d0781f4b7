// The program's version, as CMake has it.
#pragma once

#include <string_view>

namespace sluice::app {

extern const std::string_view kVersion;

}  // namespace sluice::app
