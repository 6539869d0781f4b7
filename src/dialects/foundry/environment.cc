#include "dialects/foundry/environment.h"

#include <unistd.h>

#include <algorithm>
#include <expected>
#include <optional>

namespace sluice::foundry {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::ranges::all_of(text, fits);
}

/// Whether what stands behind a closing quote is of no meaning.
bool is_nothing(std::string_view rest) {
  const std::string_view text = trim(rest);
  return text.empty() || text[0] == '#';
}

std::optional<std::string> single_quoted(std::string_view text) {
  const size_t end = text.find('\'', 1);
  if (end == std::string_view::npos || !is_nothing(text.substr(end + 1))) {
    return std::nullopt;
  }
  return std::string(text.substr(1, end - 1));
}

std::optional<std::string> double_quoted(std::string_view text) {
  std::string value;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      return is_nothing(text.substr(i + 1)) ? std::optional(value) : std::nullopt;
    }
    if (text[i] != '\\' || i + 1 == text.size()) {
      value += text[i];
      continue;
    }
    ++i;
    switch (text[i]) {
      case 'n':
        value += '\n';
        break;
      case 'r':
        value += '\r';
        break;
      case 't':
        value += '\t';
        break;
      case '"':
      case '\\':
      case '$':
        value += text[i];
        break;
      default:
        value += '\\';
        value += text[i];
    }
  }
  return std::nullopt;
}

/// A bare value ends at a blank followed by `#`.
std::string bare(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '#' && kBlanks.find(text[i - 1]) != std::string_view::npos) {
      return std::string(trim(text.substr(0, i)));
    }
  }
  return std::string(text.starts_with('#') ? std::string_view{} : text);
}

std::expected<std::pair<std::string, std::string>, const char*> parse_assignment(
    std::string_view line) {
  if (line.starts_with("export ") || line.starts_with("export\t")) {
    line = trim(line.substr(7));
  }
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos) {
    return std::unexpected("expected NAME=value");
  }
  const std::string_view name = trim(line.substr(0, equals));
  if (!is_name(name)) {
    return std::unexpected("the name before '=' is no variable name");
  }
  const std::string_view value = trim(line.substr(equals + 1));
  if (!value.starts_with('\'') && !value.starts_with('"')) {
    return std::pair{std::string(name), bare(value)};
  }
  auto quoted = value[0] == '\'' ? single_quoted(value) : double_quoted(value);
  if (!quoted) {
    return std::unexpected("the quotes do not match");
  }
  return std::pair{std::string(name), std::move(*quoted)};
}

}  // namespace

EnvFile parse_env_file(std::string_view text) {
  EnvFile file;
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);  // byte order mark, as Windows editors leave it
  }
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#') {
      continue;
    }
    if (auto assignment = parse_assignment(line)) {
      file.variables.insert_or_assign(std::move(assignment->first), std::move(assignment->second));
    } else {
      // The line itself is not shown: it may hold a secret.
      file.warnings.push_back(".env line " + std::to_string(number) +
                              " is ignored: " + assignment.error());
    }
  }
  return file;
}

Variables merge_variables(const Variables& environment, const Variables& file) {
  Variables merged;
  for (const Variables* source : {&environment, &file}) {
    for (const auto& [name, value] : *source) {
      if (!value.empty()) {
        merged.emplace(name, value);
      }
    }
  }
  return merged;
}

Variables process_environment() {
  Variables variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (const size_t equals = text.find('='); equals != std::string_view::npos) {
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return variables;
}

}  // namespace sluice::foundry
