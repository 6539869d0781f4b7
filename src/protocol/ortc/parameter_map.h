// Format parameters of a codec ("fmtp" in SDP) or of a header extension: text keys with values that
// are whole numbers, fractions or text (ortc-model 0.6, 2.1). The type of a value matters: the
// number 1 and the text "1" are different values in codec matching (ortc-model 3.2.1).
//
// Invariants: a key occurs once; entries keep the order in which they were first set; a fraction is
// never integral (an integral double is stored as int64_t).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::ortc {

using ParameterValue = std::variant<int64_t, double, std::string>;

/// ECMAScript truth of a value: 0 and "" are false (ortc-model 0.5).
[[nodiscard]] bool is_truthy(const ParameterValue& value);

class ParameterMap {
 public:
  struct Entry {
    std::string key;
    ParameterValue value;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  ParameterMap() = default;
  ParameterMap(std::initializer_list<Entry> entries) : entries_(entries) {}

  /// The value of `key`, or nullptr. Valid until the map changes.
  [[nodiscard]] const ParameterValue* find(std::string_view key) const;
  /// The value of `key` if it is a whole number.
  [[nodiscard]] std::optional<int64_t> integer(std::string_view key) const;
  /// Replaces the value of `key` in its place, or adds it at the end.
  void set(std::string_view key, ParameterValue value);
  /// Adds an entry whose key is known to be new; `set` without the search.
  void append(std::string key, ParameterValue value);
  /// Does nothing when the key is absent.
  void erase(std::string_view key);

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] size_t size() const { return entries_.size(); }
  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }

  /// Equal as sets of entries, whatever their order.
  friend bool operator==(const ParameterMap& a, const ParameterMap& b);

 private:
  std::vector<Entry> entries_;
};

}  // namespace sluice::ortc
