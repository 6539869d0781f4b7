// The version of the library that a program runs with.
#pragma once

#include <string_view>

namespace sluice {

/// "MAJOR.MINOR.PATCH", as in the version file of the CMake package.
[[nodiscard]] std::string_view version();

}  // namespace sluice
