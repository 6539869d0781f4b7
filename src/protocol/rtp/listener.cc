#include "protocol/rtp/listener.h"

#include <algorithm>

namespace sluice::rtp {

Result<void> Listener::add(uint32_t producer, const ListenerKeys& keys) {
  // MID and RIDs are checked before anything changes; only the SSRCs need taking back, since a list
  // may have one twice.
  if (!keys.mid.empty() && mids_.contains(keys.mid)) {
    return type_error("MID already in use on this transport: " + std::string(keys.mid));
  }
  for (auto rid = keys.rids.begin(); rid != keys.rids.end() && keys.mid.empty(); ++rid) {
    const bool is_taken = rids_.contains(*rid) || std::find(keys.rids.begin(), rid, *rid) != rid;
    if (is_taken && !rid->empty()) {
      return type_error("RID already in use on this transport, and the producer has no MID: " +
                        std::string(*rid));
    }
  }
  for (size_t i = 0; i < keys.ssrcs.size(); ++i) {
    if (!ssrcs_.add(keys.ssrcs[i], producer)) {
      for (const Ssrc added : keys.ssrcs.first(i)) {
        ssrcs_.remove(added);
      }
      return type_error("SSRC already in use on this transport: " +
                        std::to_string(keys.ssrcs[i].value));
    }
  }
  if (!keys.mid.empty()) {
    mids_.emplace(keys.mid, producer);
  }
  for (const std::string_view rid : keys.rids) {
    if (!rid.empty()) {
      rids_.emplace(rid, producer);
    }
  }
  return {};
}

void Listener::remove(uint32_t producer) {
  const auto is_of_producer = [producer](const auto& entry) { return entry.second == producer; };
  std::erase_if(mids_, is_of_producer);
  std::erase_if(rids_, is_of_producer);
  ssrcs_.remove_producer(producer);
}

Listener::TextEntries Listener::sorted(const TextMap& map) {
  TextEntries entries(map.begin(), map.end());
  std::ranges::sort(entries);
  return entries;
}

std::optional<uint32_t> Listener::find(const PacketKeys& packet) {
  if (const SsrcTable::Entry* known = ssrcs_.find(packet.ssrc)) {
    if (!known->learned || packet.mid.empty()) {
      return known->producer;
    }
    const uint32_t learned = known->producer;
    const auto by_mid = find_text(mids_, packet.mid);
    if (by_mid && *by_mid != learned) {
      ssrcs_.learn(packet.ssrc, *by_mid);
      return by_mid;
    }
    return learned;
  }
  auto producer = find_text(mids_, packet.mid);
  if (!producer) {
    producer = find_text(rids_, packet.rid);
  }
  if (!producer) {
    producer = find_text(rids_, packet.repaired_rid);
  }
  if (producer) {
    ssrcs_.learn(packet.ssrc, *producer);
  }
  return producer;
}

std::optional<uint32_t> Listener::find_text(const TextMap& map, std::string_view text) {
  if (text.empty()) {
    return std::nullopt;
  }
  const auto found = map.find(text);
  return found != map.end() ? std::optional(found->second) : std::nullopt;
}

}  // namespace sluice::rtp
