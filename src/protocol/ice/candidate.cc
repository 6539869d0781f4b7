#include "protocol/ice/candidate.h"

#include <algorithm>

namespace sluice::ice {
namespace {

// All candidates are host candidates, so only their order matters; the type preference is the one
// that users of the object model know (RFC 8445 would take 126).
constexpr uint32_t kTypePreference = 64;
constexpr uint32_t kComponent = 1;
constexpr uint32_t kFirstLocalPreference = 10000;
constexpr uint32_t kLocalPreferenceStep = 100;
constexpr uint32_t kPreferredBonus = 1000;
constexpr uint32_t kInternalIpPenalty = 1000;

uint32_t local_preference(size_t index, bool preferred) {
  // A server with more than a hundred addresses ends in a tie instead of wrapping to the top.
  const size_t steps = std::min<size_t>(index, kFirstLocalPreference / kLocalPreferenceStep);
  return kFirstLocalPreference - kLocalPreferenceStep * static_cast<uint32_t>(steps) +
         (preferred ? kPreferredBonus : 0);
}

uint32_t priority_of(uint32_t preference) {
  return (kTypePreference << 24) + (preference << 8) + (256 - kComponent);
}

}  // namespace

Result<std::vector<Candidate>> make_candidates(std::span<const ListenEntry> entries,
                                               const CandidateOptions& options) {
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < entries.size(); ++i) {
    const ListenEntry& entry = entries[i];
    const bool udp = entry.protocol == Protocol::kUdp;
    if (!(udp ? options.enable_udp : options.enable_tcp)) {
      continue;
    }
    const bool preferred = udp ? options.prefer_udp : options.prefer_tcp;
    const bool announced = !entry.announced_address.empty();
    Candidate candidate{
        .foundation = udp ? "udpcandidate" : "tcpcandidate",
        .priority = priority_of(local_preference(i, preferred)),
        .address = announced ? entry.announced_address : entry.bound.ip.to_string(),
        .protocol = entry.protocol,
        .port = entry.bound.port,
    };
    candidates.push_back(candidate);
    if (announced && entry.expose_internal_ip) {
      candidate.address = entry.bound.ip.to_string();
      candidate.priority -= kInternalIpPenalty;
      candidates.push_back(std::move(candidate));
    }
  }
  if (candidates.empty()) {
    return type_error("no ICE candidate: every listen address is disabled by enableUdp/enableTcp");
  }
  return candidates;
}

Result<IpAddress> parse_listen_ip(std::string_view text) {
  if (const auto ip = IpAddress::parse(text)) {
    return *ip;
  }
  return type_error("listen ip '" + std::string(text) + "' is not an IPv4 or IPv6 address");
}

}  // namespace sluice::ice
