// Reading JSON by ECMAScript's notions of type and truth, with one error that tells where and what.
// For the readers of this folder only: it includes all of Boost.JSON.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::ortc {

/// A value, absent or not, and the way to it. Children refer to their parents, which must outlive
/// them.
class JsonNode {
 public:
  JsonNode(std::string_view name, const boost::json::value* value) : value_(value), name_(name) {}

  /// An absent node when this is no object or has no such member.
  [[nodiscard]] JsonNode member(std::string_view name) const;
  /// `index` is below the size of this array.
  [[nodiscard]] JsonNode element(size_t index) const;

  [[nodiscard]] const boost::json::value* value() const { return value_; }
  /// ECMAScript truth: absent, null, false, 0 and "" are false.
  [[nodiscard]] bool truthy() const;
  /// Null unless the value is an object, a list or a text.
  [[nodiscard]] const boost::json::object* object() const;
  [[nodiscard]] const boost::json::array* array() const;
  [[nodiscard]] const boost::json::string* text() const;
  [[nodiscard]] bool is_number() const;
  /// The value if it is a number without fraction, as ECMAScript sees it (1.0 is one).
  [[nodiscard]] std::optional<int64_t> integer() const;

  /// E.g. "rtpParameters.codecs[1].payloadType".
  [[nodiscard]] std::string path() const;
  /// The beginning of the value's JSON text.
  [[nodiscard]] std::string shown() const;

 private:
  const boost::json::value* value_;
  const JsonNode* parent_ = nullptr;
  std::string_view name_;
  std::optional<size_t> index_;
};

/// Reads members and keeps the first error; after an error every read returns a default. So a
/// reader may read a whole structure and check once.
class JsonReading {
 public:
  [[nodiscard]] bool ok() const { return !error_; }
  /// `value` or the error.
  template <class T>
  Result<T> finish(T value) {
    if (error_) {
      return std::unexpected(std::move(*error_));
    }
    return value;
  }

  void fail(const JsonNode& node, std::string_view expected);
  /// Like `fail`, without showing the value.
  void fail_secret(const JsonNode& node, std::string_view expected);

  /// False (and an error) unless `node` is an object.
  bool expect_object(const JsonNode& node);
  /// Number of elements of a list that must be there. An error when it is none or above `limit`.
  size_t list_size(const JsonNode& node, size_t limit);
  /// The same for a list that may be absent or falsy.
  size_t optional_list_size(const JsonNode& node, size_t limit);

  /// A text of at least one character.
  std::string required_text(const JsonNode& node);
  /// A text, or anything falsy, which counts as the empty text.
  std::string optional_text(const JsonNode& node);
  /// A boolean, or anything falsy, which counts as false.
  bool optional_bool(const JsonNode& node);

  /// A whole number within the range of T.
  template <class T>
  T integer(const JsonNode& node) {
    return static_cast<T>(integer_in(node, std::numeric_limits<T>::max()));
  }
  /// The same, or anything falsy that is not a number, which counts as absent.
  template <class T>
  std::optional<T> optional_integer(const JsonNode& node) {
    if (!node.truthy() && !node.is_number()) {
      return std::nullopt;
    }
    return integer<T>(node);
  }

 private:
  int64_t integer_in(const JsonNode& node, int64_t max);

  std::optional<Error> error_;
};

}  // namespace sluice::ortc
