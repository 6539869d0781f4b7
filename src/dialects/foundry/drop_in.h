// From the configuration of the drop-in mode to the settings of the parts it is made of.
#pragma once

#include "dialects/foundry/configuration.h"
#include "dialects/foundry/dialect.h"

namespace sluice::foundry {

/// One loop per worker, UDP and TCP within the port range.
media::EngineSettings engine_settings(const Configuration& configuration);

/// Without `machine_addresses`, which this folder does not know.
Options dialect_options(const Configuration& configuration);

}  // namespace sluice::foundry
