// Environment variables and the `.env` file beside them (foundryvtt 3.1). Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::foundry {

using Variables = std::map<std::string, std::string, std::less<>>;

struct EnvFile {
  Variables variables;
  /// One sentence per line that is no assignment, with its number.
  std::vector<std::string> warnings;
};

/// Reads the text of a `.env` file: `NAME=value` lines, `#` comments, an optional `export`, single
/// quotes (nothing is special inside) and double quotes (\n, \r, \t, \", \\, \$ inside). Variables
/// are not expanded and a value does not span lines. The last assignment of a name counts.
EnvFile parse_env_file(std::string_view text);

/// Both sources as one: the real environment wins, and an empty value is as good as none.
Variables merge_variables(const Variables& environment, const Variables& file);

/// The variables of this process.
Variables process_environment();

}  // namespace sluice::foundry
