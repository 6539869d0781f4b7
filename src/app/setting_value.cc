// Values of settings: read from text, written as text and TOML, described.
#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <charconv>
#include <cmath>
#include <optional>
#include <type_traits>
#include <utility>

#include "app/setting.h"

namespace sluice::app {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || text.empty()) {
    return std::nullopt;
  }
  return value;
}

std::optional<uint64_t> parse_integer(const Setting& setting, std::string_view text) {
  const auto value = parse_number<uint64_t>(text);
  return value && *value >= setting.min && *value <= setting.max ? value : std::nullopt;
}

std::optional<bool> parse_switch(std::string_view text) {
  constexpr std::array kYes = {"true", "1", "yes", "on"};
  constexpr std::array kNo = {"false", "0", "no", "off"};
  if (std::ranges::find(kYes, text) != kYes.end()) {
    return true;
  }
  return std::ranges::find(kNo, text) != kNo.end() ? std::optional(false) : std::nullopt;
}

bool accepts(const Setting& setting, std::string_view text) {
  return setting.accepts == nullptr || setting.accepts(text);
}

std::optional<std::vector<std::string>> parse_list(const Setting& setting, std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = trim(text.substr(0, comma));
    if (item.empty() || !accepts(setting, item)) {
      return std::nullopt;
    }
    items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

std::string join(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) {
    text += (text.empty() ? "" : ",") + item;
  }
  return text;
}

std::string show_real(double value) {
  std::array<char, 32> text{};
  const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

// TOML's basic strings have the escapes of JSON.
std::string quoted(const std::string& text) {
  return boost::json::serialize(boost::json::string(text.data(), text.size()));
}

// Reading only: a const configuration has no other way to the targets.
Target target_of(const Setting& setting, const Configuration& configuration) {
  return setting.target(const_cast<Configuration&>(configuration));
}

Target example_target(const Setting& setting) {
  static Configuration any;
  return setting.target(any);
}

}  // namespace

std::string_view type_name(const Setting& setting) {
  return std::visit(Overloaded{
                        [](const std::string*) { return "text"; },
                        [](const Secret*) { return "secret"; },
                        [](const JsonText*) { return "JSON"; },
                        [](const bool*) { return "true or false"; },
                        [](const std::chrono::seconds*) { return "seconds"; },
                        [](const std::vector<std::string>*) { return "list"; },
                        [](const auto*) { return "number"; },
                    },
                    example_target(setting));
}

bool is_secret(const Setting& setting) {
  return std::holds_alternative<Secret*>(example_target(setting));
}

bool is_switch(const Setting& setting) {
  return std::holds_alternative<bool*>(example_target(setting));
}

std::string expectation(const Setting& setting) {
  const std::string bounds =
      " from " + std::to_string(setting.min) + " to " + std::to_string(setting.max);
  const std::string text(setting.expected.empty() ? "a text" : setting.expected);
  return std::visit(
      Overloaded{
          [](const bool*) -> std::string { return "true or false"; },
          [&](const std::chrono::seconds*) { return "a whole number of seconds" + bounds; },
          [&](const std::vector<std::string>*) { return "a list of texts, each " + text; },
          [&](const std::string*) { return text; },
          [&](const Secret*) { return text; },
          [&](const JsonText*) { return text; },
          [&](const double*) { return "a number" + bounds; },
          [&](const auto*) { return "a whole number" + bounds; },
      },
      example_target(setting));
}

bool assign(const Setting& setting, Configuration& configuration, std::string_view text) {
  const std::string_view word = trim(text);
  const auto put = [](auto* to, auto value) {
    if (!value) {
      return false;
    }
    *to = static_cast<std::remove_pointer_t<decltype(to)>>(*std::move(value));
    return true;
  };
  const auto put_text = [&](std::string& to) {
    if (!accepts(setting, text)) {
      return false;
    }
    to = text;
    return true;
  };
  return std::visit(
      Overloaded{
          [&](std::string* to) { return put_text(*to); },
          [&](Secret* to) { return put_text(to->text); },
          [&](JsonText* to) { return put_text(to->text); },
          [&](bool* to) { return put(to, parse_switch(word)); },
          [&](double* to) {
            auto value = parse_number<double>(word);
            const bool inside = value && std::isfinite(*value) &&
                                *value >= static_cast<double>(setting.min) &&
                                *value <= static_cast<double>(setting.max);
            return inside && put(to, value);
          },
          [&](std::vector<std::string>* to) { return put(to, parse_list(setting, text)); },
          [&](auto* to) { return put(to, parse_integer(setting, word)); },
      },
      setting.target(configuration));
}

std::string show(const Setting& setting, const Configuration& configuration) {
  return std::visit(
      Overloaded{
          [](const std::string* value) { return *value; },
          [](const Secret* value) -> std::string {
            return value->text.empty() ? "" : "(set, not shown)";
          },
          [](const JsonText* value) { return value->text; },
          [](const bool* value) -> std::string { return *value ? "true" : "false"; },
          [](const double* value) { return show_real(*value); },
          [](const std::vector<std::string>* value) { return join(*value); },
          [](const std::chrono::seconds* value) { return std::to_string(value->count()); },
          [](const auto* value) { return std::to_string(*value); },
      },
      target_of(setting, configuration));
}

std::string show_toml(const Setting& setting, const Configuration& configuration) {
  return std::visit(Overloaded{
                        [](const std::string* value) { return quoted(*value); },
                        [](const JsonText* value) { return quoted(value->text); },
                        [](const std::vector<std::string>* value) {
                          std::string text;
                          for (const std::string& item : *value) {
                            text += (text.empty() ? "" : ", ") + quoted(item);
                          }
                          return "[" + text + "]";
                        },
                        [&](const auto*) { return show(setting, configuration); },
                    },
                    target_of(setting, configuration));
}

}  // namespace sluice::app
