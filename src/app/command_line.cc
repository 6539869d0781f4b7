#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <sstream>
#include <string_view>
#include <vector>

#include "app/version.h"

namespace sluice::app {
namespace {

// The name under which FoundryVTT users have installed their server (foundryvtt section 5).
constexpr std::string_view kFoundryProgram = "mediasoup-server";

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// One flag of one subcommand; CLI11 keeps pointers to the values.
struct Flag {
  const Setting* setting;
  CLI::Option* option = nullptr;
  std::vector<std::string> texts;
};

struct Subcommand {
  CLI::App* app = nullptr;
  std::string dialect;
  std::string file;
  std::deque<Flag> flags;
};

void add_settings(Subcommand& command) {
  command.app->add_option("--config", command.file,
                          "Configuration file (SLUICE_CONFIG; default: sluice.toml here, else "
                          "/etc/sluice/sluice.toml, where there is one)");
  for (const Setting& setting : settings()) {
    Flag& flag = command.flags.emplace_back(Flag{.setting = &setting, .texts = {}});
    // CLI11 formats help by itself; the backquotes are for the reference.
    std::string help(setting.help);
    std::erase(help, '`');
    std::string name = flag_name(setting);
    if (const std::string longer = long_flag_name(setting); longer != name) {
      name += "," + longer;
    }
    flag.option = is_switch(setting) ? command.app->add_flag(name, flag.texts, help)
                                     : command.app->add_option(name, flag.texts, help);
    flag.option->group(std::string(group_of(setting)));
    if (!is_switch(setting)) {
      flag.option->type_name(std::string(type_name(setting)))->expected(1)->take_all();
    }
  }
}

void take_settings(const Subcommand& command, CommandLine& result) {
  if (!command.file.empty()) {
    result.file = command.file;
  }
  for (const Flag& flag : command.flags) {
    if (flag.texts.empty()) {
      continue;
    }
    const bool is_list = type_name(*flag.setting) == "list";
    std::string text = flag.texts.back();
    if (is_list) {
      text.clear();
      for (const std::string& item : flag.texts) {
        text += (text.empty() ? "" : ",") + item;
      }
    }
    std::string written = is_secret(*flag.setting) ? "(not shown)" : "\"" + text + "\"";
    result.flags.assignments.push_back({.setting = flag.setting,
                                        .text = std::move(text),
                                        .written = std::move(written),
                                        .origin = {Origin::Kind::kFlag, flag_name(*flag.setting)}});
  }
}

CLI::Option* add_dialect(Subcommand& command, const std::string& help) {
  return command.app->add_option("dialect", command.dialect, help)
      ->check(CLI::IsMember({"foundry"}))
      ->type_name("");
}

}  // namespace

CommandLine parse_command_line(std::span<const char* const> arguments) {
  std::vector<std::string> words(arguments.begin() + std::min<size_t>(arguments.size(), 1),
                                 arguments.end());
  const bool asks_version = words.size() == 1 && words.front() == "--version";
  if (!arguments.empty() && base_name(arguments.front()) == kFoundryProgram && !asks_version) {
    words.insert(words.begin(), {"serve", "foundry"});
  }
  CommandLine result;
  if (!words.empty() && !words.front().starts_with('-') && words.front() != "serve" &&
      words.front() != "config") {
    // CLI11 would only say that a subcommand is missing.
    result.text = "unknown command " + words.front() +
                  ": expected serve or config\nRun with --help for more information.\n";
    result.exit_code = kExitUsage;
    return result;
  }
  std::ranges::reverse(words);  // as CLI11 takes them

  CLI::App app("Sluice, a WebRTC media server", "sluice");
  app.set_version_flag("--version", "sluice " + std::string(kVersion));
  app.require_subcommand(1);

  Subcommand serve;
  serve.app = app.add_subcommand("serve", "Run the server");
  add_dialect(serve, "Stand in for one server only: foundry (MediaSoup Server for FoundryVTT)");
  add_settings(serve);

  Subcommand config;
  config.app = app.add_subcommand("config", "Print every setting with its value and source");
  add_dialect(config, "The configuration of `serve` with this dialect");
  CLI::Option* toml = config.app->add_flag("--toml", result.toml, "As a configuration file");
  config.app->add_flag("--reference", result.reference, "All settings, for the documentation")
      ->excludes(toml);
  add_settings(config);

  try {
    app.parse(words);
  } catch (const CLI::ParseError& failure) {
    std::ostringstream out;
    std::ostringstream error;
    const bool asked = app.exit(failure, out, error) == 0;
    result.text = out.str() + error.str();
    result.exit_code = asked ? kExitSuccess : kExitUsage;
    return result;
  }
  const Subcommand& chosen = serve.app->parsed() ? serve : config;
  result.command =
      serve.app->parsed() ? CommandLine::Command::kServe : CommandLine::Command::kConfig;
  result.foundry = chosen.dialect == "foundry";
  take_settings(chosen, result);
  return result;
}

}  // namespace sluice::app
