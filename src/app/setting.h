// The one table of settings. Reading the file, the environment and the flags, `sluice config` and
// the reference in docs/configuration.md all follow from it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "app/configuration.h"

namespace sluice::app {

/// Where a setting's value lives; its type is the setting's type.
using Target = std::variant<std::string*, Secret*, JsonText*, bool*, uint16_t*, uint32_t*, size_t*,
                            double*, std::chrono::seconds*, std::vector<std::string>*>;

struct Setting {
  /// `group.name`: table and key of the file. The environment variable follows from it.
  std::string_view key;
  /// A second, shorter flag, without its dashes; empty: none.
  std::string_view short_flag;
  /// For users: what it does, in a sentence or two.
  std::string_view help;
  Target (*target)(Configuration& configuration);
  /// Bounds of a number, inclusive.
  uint64_t min = 0;
  uint64_t max = UINT32_MAX;
  /// What a text, or each item of a list, must be; nothing when anything will do.
  std::string_view expected = {};
  bool (*accepts)(std::string_view text) = nullptr;
};

struct Group {
  std::string_view name;
  std::string_view title;
};

std::span<const Setting> settings();
/// In the order of the settings.
std::span<const Group> groups();

/// Nullptr when there is none of that key.
const Setting* find_setting(std::string_view key);
/// Position of a setting in the table.
size_t index_of(const Setting& setting);

std::string_view group_of(const Setting& setting);
/// The key without its group.
std::string_view name_in_group(const Setting& setting);
/// `SLUICE_HTTP_PORT`.
std::string environment_name(const Setting& setting);
/// `--http-port`.
std::string long_flag_name(const Setting& setting);
/// The one that users are told of: the shorter one, `--port`, where there is one.
std::string flag_name(const Setting& setting);

/// "text", "number", ...: for the reference.
std::string_view type_name(const Setting& setting);
bool is_secret(const Setting& setting);
bool is_switch(const Setting& setting);
/// What values it takes: `a number from 0 to 65535`.
std::string expectation(const Setting& setting);

/// Sets the value from the form that the environment and flags use: items of a list are separated
/// by commas. False when the text is not what `expectation` says; nothing is changed then.
bool assign(const Setting& setting, Configuration& configuration, std::string_view text);

/// The value in the form that `assign` reads. Of a secret only whether it is set.
std::string show(const Setting& setting, const Configuration& configuration);
/// The value as a TOML file has it. Not for secrets.
std::string show_toml(const Setting& setting, const Configuration& configuration);

/// The key most like `key`, when one is so like it that it may be meant; else empty.
std::string_view nearest_key(std::string_view key);

}  // namespace sluice::app
