#include "app/setup.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "app/configuration_file.h"
#include "app/drop_in.h"
#include "app/environment.h"
#include "dialects/foundry/environment.h"

namespace sluice::app {
namespace {

std::optional<std::string> read_env_file() {
  std::ifstream file(".env", std::ios::binary);
  if (!file) {
    return std::nullopt;
  }
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

}  // namespace

Result<Setup> load_setup(const CommandLine& command) {
  const Environment environment = foundry::process_environment();
  std::optional<std::string> named = command.file;
  if (const auto variable = environment.find("SLUICE_CONFIG");
      !named && variable != environment.end()) {
    named = variable->second;
  }
  Readings readings;
  if (const auto path = configuration_path(named)) {
    readings = read_configuration_file(*path);
  }
  readings.add(read_environment(environment));
  Setup setup{.configuration = {}, .foundry = command.foundry, .drop_in = {}};
  Configuration defaults;
  if (command.foundry) {
    DropIn drop_in = read_drop_in(environment, read_env_file());
    defaults = std::move(drop_in.defaults);
    readings.add(std::move(drop_in.readings));
    setup.drop_in = std::move(drop_in.own);
  }
  readings.add(command.flags);
  auto effective = combine(std::move(readings), defaults);
  if (!effective) {
    return std::unexpected(std::move(effective.error()));
  }
  setup.configuration = *std::move(effective);
  return setup;
}

std::string error_lines(std::string_view message) {
  std::string text;
  while (!message.empty()) {
    const size_t end = std::min(message.find('\n'), message.size());
    text += "sluice: " + std::string(message.substr(0, end)) + "\n";
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  return text;
}

}  // namespace sluice::app
