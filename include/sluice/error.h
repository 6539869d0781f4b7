// The error value that crosses module borders. Exceptions do not.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace sluice {

/// What went wrong, in the classes that the SFU object model tells apart (ortc-model 0.1).
enum class ErrorKind {
  kType,          ///< wrong argument type, shape, range or combination
  kUnsupported,   ///< codec or capability not supported
  kInvalidState,  ///< the engine is closed
  kNotFound,      ///< a named object does not exist (a plain Error to older API users)
  kGeneric,       ///< everything else
};

/// An error that a user can read: `message` names the field, the value and what was expected.
struct Error {
  ErrorKind kind = ErrorKind::kGeneric;
  std::string message;

  /// The name under which JavaScript users of the object model know this kind.
  [[nodiscard]] const char* name() const {
    switch (kind) {
      case ErrorKind::kType:
        return "TypeError";
      case ErrorKind::kUnsupported:
        return "UnsupportedError";
      case ErrorKind::kInvalidState:
        return "InvalidStateError";
      case ErrorKind::kNotFound:
      case ErrorKind::kGeneric:
        break;
    }
    return "Error";
  }
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> type_error(std::string message) {
  return std::unexpected(Error{ErrorKind::kType, std::move(message)});
}
inline std::unexpected<Error> unsupported_error(std::string message) {
  return std::unexpected(Error{ErrorKind::kUnsupported, std::move(message)});
}
inline std::unexpected<Error> invalid_state_error(std::string message) {
  return std::unexpected(Error{ErrorKind::kInvalidState, std::move(message)});
}
inline std::unexpected<Error> not_found_error(std::string message) {
  return std::unexpected(Error{ErrorKind::kNotFound, std::move(message)});
}
inline std::unexpected<Error> generic_error(std::string message) {
  return std::unexpected(Error{ErrorKind::kGeneric, std::move(message)});
}

}  // namespace sluice
