// HTTP header fields: names compare without case, order and repetition are kept.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::web {

/// ASCII comparison without case, as HTTP names and tokens need it.
bool equal_ignoring_case(std::string_view a, std::string_view b);
/// Without the blanks and tabs at both ends.
std::string_view trim(std::string_view text);

class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  /// Value of the first field of that name, empty when there is none.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  /// The elements of a comma-separated list over all fields of that name (RFC 9110 section 5.6.1).
  /// The views live as long as the fields.
  [[nodiscard]] std::vector<std::string_view> list(std::string_view name) const;
  /// Whether `list(name)` holds `token`, compared without case.
  [[nodiscard]] bool lists(std::string_view name, std::string_view token) const;

  /// Adds a field, also when one of that name exists.
  void add(std::string_view name, std::string_view value);
  /// Replaces every field of that name.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);

  [[nodiscard]] size_t size() const { return fields_.size(); }
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

}  // namespace sluice::web
