// Reading the parameters of a request. What is missing or of the wrong kind is a TypeError that
// names it.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::lab {

class Parameters {
 public:
  explicit Parameters(boost::json::object values) : values_(std::move(values)) {}

  /// Null when there is none of that name.
  [[nodiscard]] const boost::json::value* find(std::string_view name) const {
    return values_.if_contains(name);
  }
  [[nodiscard]] Result<std::string> text(std::string_view name) const;
  [[nodiscard]] Result<int64_t> number(std::string_view name) const;
  // What stands there, or else `otherwise`; also when it is of another kind: requests come from
  // tests, whose mistakes show.
  [[nodiscard]] std::string text_or(std::string_view name, std::string otherwise) const;
  [[nodiscard]] int64_t number_or(std::string_view name, int64_t otherwise) const;
  [[nodiscard]] bool flag_or(std::string_view name, bool otherwise) const;

 private:
  boost::json::object values_;
};

}  // namespace sluice::lab
