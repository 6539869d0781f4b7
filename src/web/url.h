// Request targets: path segments and query parameters (RFC 3986, RFC 9112 section 3.2, and the
// WHATWG form encoding for the query).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::web {

/// Decodes %XX escapes; nothing when an escape is malformed.
std::optional<std::string> percent_decode(std::string_view text);
/// Encodes everything but unreserved characters (RFC 3986 section 2.3), for use as one segment or
/// one query value.
std::string percent_encode(std::string_view text);

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// Parses `a=1&b=x%20y+z` as browsers do: `+` is a blank, a malformed escape stays as it is, a
/// parameter without `=` has an empty value.
QueryParameters parse_query(std::string_view query);

struct Target {
  std::string raw_path;               ///< as sent, without the query
  std::string path;                   ///< percent-decoded
  std::vector<std::string> segments;  ///< each decoded by itself: `/a%2Fb/` gives {"a/b", ""}
  QueryParameters query;
};

/// Parses an origin-form (`/path?query`) or absolute-form (`http://host/path?query`) target.
/// Nothing for other forms and for a malformed or NUL escape in the path. `*` (of `OPTIONS *`)
/// gives path `*` without segments.
std::optional<Target> parse_target(std::string_view target);

/// Host and optional port of a `Host` field, brackets of an IPv6 literal removed. Nothing when the
/// text is no host with an optional decimal port.
struct HostPort {
  std::string host;
  std::optional<uint16_t> port;
};
std::optional<HostPort> parse_host(std::string_view text);

}  // namespace sluice::web
