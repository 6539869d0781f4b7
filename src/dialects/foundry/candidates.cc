#include "dialects/foundry/candidates.h"

#include <algorithm>
#include <optional>

#include "web/headers.h"
#include "web/url.h"

namespace sluice::foundry {
namespace {

bool is_localhost(std::string_view name) {
  constexpr std::string_view kName = "localhost";
  return name.size() >= kName.size() &&
         web::equal_ignoring_case(name.substr(name.size() - kName.size()), kName) &&
         (name.size() == kName.size() || name[name.size() - kName.size() - 1] == '.');
}

/// The host of the field without port, brackets and final dot.
std::string host_of(std::string_view host_field) {
  const auto parsed = web::parse_host(host_field);
  if (!parsed) {
    return {};
  }
  std::string host = parsed->host;
  if (host.ends_with('.')) {
    host.pop_back();
  }
  return host;
}

}  // namespace

std::string name_to_resolve(std::string_view host_field) {
  std::string host = host_of(host_field);
  if (IpAddress::parse(host) || is_localhost(host)) {
    return {};
  }
  std::ranges::transform(host, host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return host;
}

std::vector<std::string> candidate_addresses(std::string_view host_field,
                                             std::span<const IpAddress> resolved,
                                             const IpAddress& local,
                                             std::span<const IpAddress> machine) {
  std::vector<IpAddress> addresses;
  const auto add = [&](const IpAddress& address) {
    if (!address.is_any() && std::ranges::find(addresses, address) == addresses.end()) {
      addresses.push_back(address);
    }
  };
  const IpAddress loopback = IpAddress::v4(0x7F000001);
  const auto add_reachable = [&](const IpAddress& address) {
    // Media may listen on IPv4 alone, and who reaches ::1 reaches 127.0.0.1.
    if (address.is_loopback() && !address.is_v4()) {
      add(loopback);
    }
    add(address);
  };
  const std::string host = host_of(host_field);
  if (const auto literal = IpAddress::parse(host)) {
    add_reachable(*literal);
  } else if (is_localhost(host)) {
    add(loopback);
  } else {
    std::ranges::for_each(resolved, add_reachable);
  }
  add_reachable(local);
  std::ranges::for_each(machine, add);
  std::vector<std::string> texts;
  for (const IpAddress& address : addresses) {
    texts.push_back(address.to_string());
  }
  return texts;
}

}  // namespace sluice::foundry
