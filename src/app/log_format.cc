#include "app/log_format.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <utility>

#include "base/log.h"

namespace sluice::app {
namespace {

using spdlog::memory_buf_t;
using spdlog::details::log_msg;

constexpr char kHexDigits[] = "0123456789abcdef";

void append(memory_buf_t& to, std::string_view text) {
  to.append(text.data(), text.data() + text.size());
}

std::string_view view(spdlog::string_view_t text) {
  return {text.data(), text.size()};
}

std::string_view level_name(spdlog::level::level_enum level, bool upper) {
  constexpr std::array<std::pair<const char*, const char*>, 7> kNames = {{
      {"trace", "TRACE"},
      {"debug", "DEBUG"},
      {"info", "INFO"},
      {"warn", "WARN"},
      {"error", "ERROR"},
      {"error", "ERROR"},
      {"off", "OFF"},
  }};
  const auto& names = kNames[std::min<size_t>(level, kNames.size() - 1)];
  return upper ? names.second : names.first;
}

/// `2025-01-31T10:30:00.123Z`.
std::string timestamp(spdlog::log_clock::time_point time) {
  using std::chrono::milliseconds;
  const auto since = std::chrono::duration_cast<milliseconds>(time.time_since_epoch());
  const auto seconds = static_cast<std::time_t>(since.count() / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string fraction = std::to_string(1000 + since.count() % 1000);
  return std::string(text.data(), length) + "." + fraction.substr(1) + "Z";
}

void append_escaped(memory_buf_t& to, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      to.push_back(c);
    } else if (c == '\n') {
      append(to, "\\n");
    } else {
      append(to, "\\x");
      to.push_back(kHexDigits[byte >> 4]);
      to.push_back(kHexDigits[byte & 15]);
    }
  }
}

bool is_field_name(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == std::string_view::npos;
}

/// The `key=value` and `key="some words"` parts of a message. The first of a name counts: what a
/// client's text may bring in comes after the server's own words.
boost::json::object fields_of(std::string_view message) {
  boost::json::object fields;
  while (!message.empty()) {
    size_t end = std::min(message.find(' '), message.size());
    const std::string_view word = message.substr(0, end);
    const size_t equals = word.find('=');
    if (equals != std::string_view::npos && is_field_name(word.substr(0, equals))) {
      std::string_view value = word.substr(equals + 1);
      if (value.starts_with('"')) {
        const size_t begin = equals + 2;
        end = std::min(message.find('"', begin), message.size());
        value = message.substr(begin, end - begin);
        end = std::min(message.find(' ', end), message.size());
      }
      fields.emplace(boost::json::string_view(word.data(), equals),
                     boost::json::string_view(value.data(), value.size()));
    }
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  return fields;
}

class LineFormatter final : public spdlog::formatter {
 public:
  explicit LineFormatter(LogStyle style) : style_(std::move(style)) {}

  void format(const log_msg& message, memory_buf_t& line) override {
    if (style_.json) {
      format_json(message, line);
    } else {
      format_text(message, line);
    }
    line.push_back('\n');
  }

  [[nodiscard]] std::unique_ptr<formatter> clone() const override {
    return std::make_unique<LineFormatter>(style_);
  }

 private:
  void format_text(const log_msg& message, memory_buf_t& line) const {
    const std::string_view module = view(message.logger_name);
    append(line, timestamp(message.time));
    line.push_back(' ');
    message.color_range_start = line.size();
    append(line, level_name(message.level, true));
    message.color_range_end = line.size();
    line.push_back(' ');
    if (!style_.fixed_module.empty() && module != style_.fixed_module) {
      append(line, style_.fixed_module);
      append(line, ": ");
    }
    append(line, module);
    append(line, ": ");
    append_escaped(line, view(message.payload));
  }

  static void format_json(const log_msg& message, memory_buf_t& line) {
    const std::string_view text = view(message.payload);
    const auto json_text = [](std::string_view part) {
      return boost::json::string_view(part.data(), part.size());
    };
    boost::json::object event{{"time", timestamp(message.time)},
                              {"level", json_text(level_name(message.level, false))},
                              {"module", json_text(view(message.logger_name))},
                              {"message", json_text(text)}};
    if (auto fields = fields_of(text); !fields.empty()) {
      event["fields"] = std::move(fields);
    }
    append(line, boost::json::serialize(event));
  }

  LogStyle style_;
};

bool wants_colour() {
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && isatty(STDOUT_FILENO) == 1;
}

}  // namespace

std::unique_ptr<spdlog::formatter> make_log_formatter(LogStyle style) {
  return std::make_unique<LineFormatter>(std::move(style));
}

void set_up_logs(LogStyle style) {
  spdlog::sink_ptr sink;
  if (!style.json && wants_colour()) {
    sink = std::make_shared<spdlog::sinks::ansicolor_stdout_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
  }
  sink->set_formatter(make_log_formatter(std::move(style)));
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("sluice", std::move(sink)));
}

}  // namespace sluice::app
