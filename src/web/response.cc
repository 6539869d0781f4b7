#include "web/response.h"

#include <array>
#include <ctime>

namespace sluice::web {
namespace {

bool has_no_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

void append_clean(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c != '\r' && c != '\n' && c != '\0') {
      out.push_back(c);
    }
  }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  append_clean(out, name);
  out += ": ";
  append_clean(out, value);
  out += "\r\n";
}

size_t body_size(const Response& response) {
  return response.static_body.empty() ? response.body.size() : response.static_body.size();
}

/// Weak comparison of entity tags (RFC 9110 section 8.8.3.2).
bool same_tag(std::string_view a, std::string_view b) {
  const auto opaque = [](std::string_view tag) {
    return tag.starts_with("W/") ? tag.substr(2) : tag;
  };
  return opaque(a) == opaque(b);
}

}  // namespace

Response Response::json(std::string body, int status) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json; charset=utf-8");
  response.body = std::move(body);
  return response;
}

Response Response::text(std::string body, int status) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(body);
  return response;
}

Response Response::error(int status, std::string text) {
  Response response = Response::text(std::move(text), status);
  response.is_plain_error = true;
  return response;
}

Response Response::redirect(std::string_view location, int status) {
  Response response;
  response.status = status;
  response.headers.add("Location", location);
  return response;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

std::string http_date(int64_t unix_seconds) {
  const auto seconds = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  // The process never leaves the "C" locale, so %a and %b are the English names HTTP wants.
  const size_t length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return std::string(text.data(), length);
}

void apply_conditions(const Request& request, Response& response) {
  const std::string_view tag = response.headers.get("ETag");
  if (response.status != 200 || tag.empty() ||
      (request.method != "GET" && request.method != "HEAD")) {
    return;
  }
  for (const std::string_view known : request.headers.list("If-None-Match")) {
    if (known == "*" || same_tag(known, tag)) {
      response.status = 304;
      response.body.clear();
      response.static_body = {};
      response.headers.remove("Content-Type");
      return;
    }
  }
}

std::string serialize_head(const Response& response, const SerializeOptions& options) {
  std::string out;
  out.reserve(256);
  out += options.http_1_1 ? "HTTP/1.1 " : "HTTP/1.0 ";
  out += std::to_string(response.status);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  for (const auto& [name, value] : response.headers) {
    append_field(out, name, value);
  }
  if (!response.headers.has("Date")) {
    append_field(out, "Date", http_date(options.unix_seconds));
  }
  if (!has_no_body(response.status) && !response.headers.has("Content-Length")) {
    append_field(out, "Content-Length", std::to_string(body_size(response)));
  }
  if (!options.keep_alive) {
    append_field(out, "Connection", "close");
  } else if (!options.http_1_1) {
    append_field(out, "Connection", "keep-alive");
  }
  if (response.headers.has("Upgrade")) {
    append_field(out, "Connection", "upgrade");  // RFC 9110 section 7.8
  }
  out += "\r\n";
  return out;
}

Bytes wire_body(const Response& response, const SerializeOptions& options) {
  if (options.head_request || has_no_body(response.status)) {
    return {};
  }
  return response.static_body.empty() ? as_bytes(response.body) : response.static_body;
}

}  // namespace sluice::web
