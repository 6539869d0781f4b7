// What the requests of the lab have in common: finding the object that a parameter names, and the
// answer of those that give nothing back.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "lab/parameters.h"

namespace sluice::lab {

/// The object that a parameter names.
template <class Objects>
Result<typename Objects::mapped_type> find(const Objects& objects, const Parameters& parameters,
                                           std::string_view name) {
  const auto id = parameters.text(name);
  if (!id) {
    return std::unexpected(id.error());
  }
  const auto found = objects.find(*id);
  if (found == objects.end()) {
    return not_found_error(std::string(name) + " " + *id + " names nothing that is open");
  }
  return found->second;
}

/// An empty object, or the error.
inline Result<boost::json::value> done(const Result<void>& result) {
  if (!result) {
    return std::unexpected(result.error());
  }
  return boost::json::value(boost::json::object{});
}

}  // namespace sluice::lab
