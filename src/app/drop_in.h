// The configuration of `sluice serve foundry`: the original server's defaults and variables
// (foundryvtt section 3), as values of our settings.
#pragma once

#include <optional>
#include <string>

#include "app/assignment.h"
#include "app/configuration.h"
#include "dialects/foundry/configuration.h"

namespace sluice::app {

struct DropIn {
  /// Ours, where the original's are others.
  Configuration defaults;
  /// What its variables say.
  Readings readings;
  /// For what no setting of ours stands: the second listener.
  foundry::Configuration own;
};

/// `env_file` is the text of the file `.env` in the working directory, where there is one.
DropIn read_drop_in(const foundry::Variables& environment,
                    const std::optional<std::string>& env_file);

}  // namespace sluice::app
