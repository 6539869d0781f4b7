#include "app/assignment.h"

#include <iterator>
#include <utility>

namespace sluice::app {

std::string Origin::text() const {
  switch (kind) {
    case Kind::kFile:
      return "file " + detail;
    case Kind::kEnvironment:
      return "environment " + detail;
    case Kind::kFlag:
      return "flag " + detail;
    case Kind::kDefault:
      break;
  }
  return "default";
}

void Readings::add(Readings other) {
  const auto append = [](auto& to, auto& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  append(assignments, other.assignments);
  append(errors, other.errors);
  append(warnings, other.warnings);
}

}  // namespace sluice::app
