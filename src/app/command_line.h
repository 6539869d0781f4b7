// The command line: which command, and what its flags say of the settings.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "app/assignment.h"

namespace sluice::app {

/// Exit codes of the program.
inline constexpr int kExitSuccess = 0;
inline constexpr int kExitFailure = 1;  ///< could not start, or died
inline constexpr int kExitUsage = 2;    ///< wrong command line or configuration

struct CommandLine {
  enum class Command {
    kServe,
    kConfig,
    kText,  ///< only `text` is to be printed: help, the version, what is wrong
  };
  Command command = Command::kText;
  std::string text;
  int exit_code = kExitSuccess;

  /// Whether to stand in for the FoundryVTT media server.
  bool foundry = false;
  std::optional<std::string> file;
  Readings flags;
  /// Of `config`: as a TOML file, or the reference of all settings.
  bool toml = false;
  bool reference = false;
};

/// `arguments` with the program's name first. Called `mediasoup-server`, the program is
/// `sluice serve foundry`.
CommandLine parse_command_line(std::span<const char* const> arguments);

}  // namespace sluice::app
