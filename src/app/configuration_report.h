// The configuration as text: for people, as a file, and as the reference of the documentation.
#pragma once

#include <string>

#include "app/effective_configuration.h"

namespace sluice::app {

/// A table of every setting, its value and where that came from.
std::string report(const EffectiveConfiguration& effective);

/// A configuration file with these values; secrets are left out.
std::string report_toml(const EffectiveConfiguration& effective);

/// Markdown: every setting with its type, default, variable and flag.
std::string reference();

}  // namespace sluice::app
