#include "web/url.h"

#include <charconv>

#include "web/headers.h"

namespace sluice::web {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The byte that the escape at `text[i]` stands for, or -1.
int escaped_byte(std::string_view text, size_t i) {
  if (i + 2 >= text.size()) {
    return -1;
  }
  const int high = hex_value(text[i + 1]);
  const int low = hex_value(text[i + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::string decode_form(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const int byte = text[i] == '%' ? escaped_byte(text, i) : -1;
    if (byte >= 0) {
      out.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

/// Drops `http://authority` of an absolute-form target; nothing when the form is another one.
std::optional<std::string_view> origin_form(std::string_view target) {
  if (target.starts_with('/')) {
    return target;
  }
  const size_t scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https") &&
      !equal_ignoring_case(scheme, "ws") && !equal_ignoring_case(scheme, "wss")) {
    return std::nullopt;
  }
  const size_t path = target.find_first_of("/?", scheme_end + 3);
  if (path == std::string_view::npos) {
    return "/";
  }
  return target.substr(path);
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const int byte = escaped_byte(text, i);
    if (byte < 0) {
      return std::nullopt;
    }
    out.push_back(static_cast<char>(byte));
    i += 2;
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
  return out;
}

QueryParameters parse_query(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (pair.empty()) {
      continue;
    }
    const size_t equals = pair.find('=');
    parameters.emplace_back(
        decode_form(pair.substr(0, equals)),
        equals == std::string_view::npos ? std::string{} : decode_form(pair.substr(equals + 1)));
  }
  return parameters;
}

std::optional<Target> parse_target(std::string_view target) {
  if (target == "*") {
    return Target{"*", "*", {}, {}};
  }
  const auto origin = origin_form(target);
  if (!origin) {
    return std::nullopt;
  }
  Target parsed;
  std::string_view rest = *origin;
  if (const size_t fragment = rest.find('#'); fragment != std::string_view::npos) {
    rest = rest.substr(0, fragment);
  }
  if (const size_t question = rest.find('?'); question != std::string_view::npos) {
    parsed.query = parse_query(rest.substr(question + 1));
    rest = rest.substr(0, question);
  }
  parsed.raw_path = rest.empty() ? "/" : std::string(rest);
  std::string_view segments = std::string_view(parsed.raw_path).substr(1);
  for (;;) {
    const size_t slash = segments.find('/');
    auto segment = percent_decode(segments.substr(0, slash));
    if (!segment || segment->find('\0') != std::string::npos) {
      return std::nullopt;
    }
    parsed.path += '/';
    parsed.path += *segment;
    parsed.segments.push_back(std::move(*segment));
    if (slash == std::string_view::npos) {
      return parsed;
    }
    segments = segments.substr(slash + 1);
  }
}

std::optional<HostPort> parse_host(std::string_view text) {
  HostPort parsed;
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return std::nullopt;
    }
    parsed.host = text.substr(1, close - 1);
    port = text.substr(close + 1);
  } else {
    const size_t colon = text.find(':');
    parsed.host = text.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
  }
  if (parsed.host.empty() || parsed.host.find_first_of("/@?# []") != std::string::npos) {
    return std::nullopt;
  }
  if (port.empty() || port == ":") {
    return parsed;
  }
  uint16_t number = 0;
  const char* end = port.data() + port.size();
  const auto [stop, failure] = std::from_chars(port.data() + 1, end, number);
  if (port[0] != ':' || failure != std::errc{} || stop != end) {
    return std::nullopt;
  }
  parsed.port = number;
  return parsed;
}

}  // namespace sluice::web
