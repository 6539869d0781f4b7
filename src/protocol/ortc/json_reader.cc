#include "protocol/ortc/json_reader.h"

#include <array>
#include <cmath>

#include "protocol/ortc/excerpt.h"

namespace sluice::ortc {
namespace {

constexpr size_t kShownNameLength = 40;  // longer than every name of the model

}  // namespace

JsonNode JsonNode::member(std::string_view name) const {
  const boost::json::object* members = object();
  JsonNode node(name, members == nullptr ? nullptr : members->if_contains(name));
  node.parent_ = this;
  return node;
}

JsonNode JsonNode::element(size_t index) const {
  JsonNode node({}, &(*array())[index]);
  node.parent_ = this;
  node.index_ = index;
  return node;
}

bool JsonNode::truthy() const {
  if (value_ == nullptr) {
    return false;
  }
  switch (value_->kind()) {
    case boost::json::kind::null:
      return false;
    case boost::json::kind::bool_:
      return value_->get_bool();
    case boost::json::kind::int64:
      return value_->get_int64() != 0;
    case boost::json::kind::uint64:
      return value_->get_uint64() != 0;
    case boost::json::kind::double_:
      return value_->get_double() != 0.0;
    case boost::json::kind::string:
      return !value_->get_string().empty();
    case boost::json::kind::array:
    case boost::json::kind::object:
      return true;
  }
  return false;
}

const boost::json::object* JsonNode::object() const {
  return value_ == nullptr ? nullptr : value_->if_object();
}

const boost::json::array* JsonNode::array() const {
  return value_ == nullptr ? nullptr : value_->if_array();
}

const boost::json::string* JsonNode::text() const {
  return value_ == nullptr ? nullptr : value_->if_string();
}

bool JsonNode::is_number() const {
  return value_ != nullptr && value_->is_number();
}

std::optional<int64_t> JsonNode::integer() const {
  if (value_ == nullptr) {
    return std::nullopt;
  }
  if (const int64_t* number = value_->if_int64()) {
    return *number;
  }
  // A number that was parsed has this kind only above INT64_MAX; one that was assigned, always.
  if (const uint64_t* number = value_->if_uint64()) {
    return *number <= INT64_MAX ? std::optional(static_cast<int64_t>(*number)) : std::nullopt;
  }
  // Whole numbers above are not exact in ECMAScript, so they cannot be meant as such.
  constexpr double kMaxExact = 9007199254740992.0;
  const double* number = value_->if_double();
  if (number == nullptr || std::abs(*number) > kMaxExact || std::trunc(*number) != *number) {
    return std::nullopt;
  }
  return static_cast<int64_t>(*number);
}

std::string JsonNode::path() const {
  std::string text = parent_ == nullptr ? std::string() : parent_->path();
  if (index_) {
    return text + "[" + std::to_string(*index_) + "]";
  }
  if (!text.empty()) {
    text += '.';
  }
  return text + excerpt(name_, kShownNameLength);
}

std::string JsonNode::shown() const {
  if (value_ == nullptr) {
    return "nothing";
  }
  boost::json::serializer serializer;
  serializer.reset(value_);
  std::array<char, kExcerptLength + 8> buffer;  // one more than shown, so that a cut is noticed
  const auto text = serializer.read(buffer.data(), buffer.size());
  return excerpt({text.data(), text.size()});
}

void JsonReading::fail(const JsonNode& node, std::string_view expected) {
  if (ok()) {
    error_ = Error{ErrorKind::kType,
                   node.path() + ": got " + node.shown() + ", expected " + std::string(expected)};
  }
}

void JsonReading::fail_secret(const JsonNode& node, std::string_view expected) {
  if (ok()) {
    error_ = Error{ErrorKind::kType, node.path() + ": expected " + std::string(expected)};
  }
}

bool JsonReading::expect_object(const JsonNode& node) {
  if (node.object() == nullptr) {
    fail(node, "an object");
  }
  return ok();
}

size_t JsonReading::list_size(const JsonNode& node, size_t limit) {
  const boost::json::array* list = node.array();
  if (list == nullptr) {
    fail(node, "a list");
  } else if (list->size() > limit) {
    fail(node, "at most " + std::to_string(limit) + " elements");
  }
  return ok() ? list->size() : 0;
}

size_t JsonReading::optional_list_size(const JsonNode& node, size_t limit) {
  return node.truthy() ? list_size(node, limit) : 0;
}

std::string JsonReading::required_text(const JsonNode& node) {
  const boost::json::string* text = node.text();
  if (text == nullptr || text->empty()) {
    fail(node, "a text that is not empty");
    return {};
  }
  return std::string(*text);
}

std::string JsonReading::optional_text(const JsonNode& node) {
  return node.truthy() ? required_text(node) : std::string();
}

bool JsonReading::optional_bool(const JsonNode& node) {
  if (!node.truthy()) {
    return false;
  }
  if (!node.value()->is_bool()) {
    fail(node, "true or false");
  }
  return ok();
}

int64_t JsonReading::integer_in(const JsonNode& node, int64_t max) {
  const std::optional<int64_t> number = node.integer();
  if (!number || *number < 0 || *number > max) {
    fail(node, "a whole number from 0 to " + std::to_string(max));
    return 0;
  }
  return *number;
}

}  // namespace sluice::ortc
