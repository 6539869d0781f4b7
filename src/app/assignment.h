// One value given to one setting, and where that was said.
#pragma once

#include <string>
#include <vector>

#include "app/setting.h"

namespace sluice::app {

struct Origin {
  enum class Kind { kDefault, kFile, kEnvironment, kFlag };
  Kind kind = Kind::kDefault;
  /// `sluice.toml:12`, `SLUICE_HTTP_PORT`, `--port`; empty for defaults.
  std::string detail;

  /// For `sluice config`: `file sluice.toml:12`.
  [[nodiscard]] std::string text() const;
};

struct Assignment {
  const Setting* setting = nullptr;
  /// In the form that `assign` reads.
  std::string text;
  /// As the user wrote it, for error messages.
  std::string written;
  Origin origin;
};

/// What reading a source brings: values, and problems that end the start or are only mentioned.
struct Readings {
  std::vector<Assignment> assignments;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;

  /// Appends what another source has said.
  void add(Readings other);
};

}  // namespace sluice::app
