// The configuration file: TOML, one table per group of settings.
#pragma once

#include <string>
#include <string_view>

#include "app/assignment.h"

namespace sluice::app {

/// Errors name file, line, key, value and what was expected. `name` stands for the file in them.
Readings read_configuration_text(std::string_view text, const std::string& name);

/// The same of a file; not being readable is an error.
Readings read_configuration_file(const std::string& path);

}  // namespace sluice::app
