// The program `sluice`.

#include <cstdio>
#include <span>
#include <string>

#include "app/command_line.h"
#include "app/configuration_report.h"
#include "app/serve.h"
#include "app/setup.h"

namespace sluice::app {
namespace {

void print(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fflush(to);
}

int print_configuration(const CommandLine& command) {
  if (command.reference) {
    print(stdout, reference());
    return kExitSuccess;
  }
  const auto setup = load_setup(command);
  if (!setup) {
    print(stderr, error_lines(setup.error().message));
    return kExitUsage;
  }
  for (const std::string& warning : setup->configuration.warnings) {
    print(stderr, "sluice: " + warning + "\n");
  }
  print(stdout, command.toml ? report_toml(setup->configuration) : report(setup->configuration));
  return kExitSuccess;
}

int run_server(const CommandLine& command) {
  auto setup = load_setup(command);
  if (!setup) {
    print(stderr, error_lines(setup.error().message));
    return kExitUsage;
  }
  const auto exit_code = serve(*setup, [&command] { return load_setup(command); });
  if (!exit_code) {
    print(stderr, error_lines(exit_code.error().message));
    return kExitFailure;
  }
  return *exit_code;
}

int run(std::span<const char* const> arguments) {
  const CommandLine command = parse_command_line(arguments);
  switch (command.command) {
    case CommandLine::Command::kServe:
      return run_server(command);
    case CommandLine::Command::kConfig:
      return print_configuration(command);
    case CommandLine::Command::kText:
      break;
  }
  print(command.exit_code == kExitSuccess ? stdout : stderr, command.text);
  return command.exit_code;
}

}  // namespace
}  // namespace sluice::app

int main(int argc, char** argv) {
  return sluice::app::run(std::span<const char* const>(argv, static_cast<size_t>(argc)));
}
