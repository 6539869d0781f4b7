// What a command is to run with: the configuration out of the real file, environment and flags.
#pragma once

#include <string>
#include <string_view>

#include "app/command_line.h"
#include "app/effective_configuration.h"
#include "base/error.h"
#include "dialects/foundry/configuration.h"

namespace sluice::app {

struct Setup {
  EffectiveConfiguration configuration;
  bool foundry = false;
  /// Of the drop-in mode only: what no setting of ours stands for.
  foundry::Configuration drop_in;
};

/// Reads the process's environment and the files of the working directory.
Result<Setup> load_setup(const CommandLine& command);

/// Each line of the message as `sluice: ...`.
std::string error_lines(std::string_view message);

}  // namespace sluice::app
