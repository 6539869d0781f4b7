// All sources put together: default < file < environment < drop-in environment < flag.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/assignment.h"
#include "app/configuration.h"
#include "base/error.h"

namespace sluice::app {

struct EffectiveConfiguration {
  Configuration values;
  /// One for each setting, in the order of the table.
  std::vector<Origin> origins;
  std::vector<std::string> warnings;

  [[nodiscard]] const Origin& origin(const Setting& setting) const;
};

/// `defaults` with the assignments of `readings` on top, later ones winning. The error has one line
/// per problem: those of the readings, values that do not fit, and settings that contradict each
/// other.
Result<EffectiveConfiguration> combine(Readings readings, const Configuration& defaults = {});

/// The configuration file to read: the one named (by flag or `SLUICE_CONFIG`), else the first of
/// `sluice.toml` and `/etc/sluice/sluice.toml` that exists, else none.
std::optional<std::string> configuration_path(const std::optional<std::string>& named);

}  // namespace sluice::app
