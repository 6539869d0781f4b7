#include "protocol/ice/server_table.h"

#include <algorithm>

#include "base/random.h"
#include "protocol/ice/hashing.h"

namespace sluice::ice {
namespace {

uint64_t random_seed() {
  std::array<uint8_t, 8> raw;
  random_bytes(raw);
  return load_be64(raw.data());
}

}  // namespace

ServerTable::ServerTable() : ufrags_(UfragHash{random_seed()}), tuples_(TupleHash{random_seed()}) {}

bool ServerTable::add_ufrag(std::string_view ufrag, uint32_t transport) {
  const auto key = make_ufrag(ufrag);
  return key && ufrags_.insert(*key, transport);
}

void ServerTable::remove_ufrag(std::string_view ufrag, uint32_t transport) {
  const auto key = make_ufrag(ufrag);
  if (!key) {
    return;
  }
  if (const uint32_t* owner = ufrags_.find(*key); owner != nullptr && *owner == transport) {
    ufrags_.erase(*key);
  }
}

bool ServerTable::add_tuple(const Tuple& tuple, uint32_t transport) {
  if (const uint32_t* owner = tuples_.find(tuple)) {
    return *owner == transport;
  }
  return tuples_.insert(tuple, transport);
}

void ServerTable::remove_tuple(const Tuple& tuple, uint32_t transport) {
  if (const uint32_t* owner = tuples_.find(tuple); owner != nullptr && *owner == transport) {
    tuples_.erase(tuple);
  }
}

void ServerTable::apply(const Event& event, uint32_t transport) {
  if (const auto* added = std::get_if<TupleAdded>(&event)) {
    add_tuple(added->tuple, transport);
  } else if (const auto* removed = std::get_if<TupleRemoved>(&event)) {
    remove_tuple(removed->tuple, transport);
  } else if (const auto* dropped = std::get_if<UfragDropped>(&event)) {
    remove_ufrag(dropped->ufrag, transport);
  }
}

void ServerTable::remove_agent(const Agent& agent, uint32_t transport) {
  for (size_t i = 0; i < agent.tuple_count(); ++i) {
    remove_tuple(agent.tuple(i), transport);
  }
  remove_ufrag(agent.local_credentials().ufrag, transport);
  if (const Credentials* old = agent.old_credentials()) {
    remove_ufrag(old->ufrag, transport);
  }
}

std::optional<uint32_t> ServerTable::route(const stun::Message& message, const Tuple& from) const {
  if (const auto known = find(from)) {
    return known;
  }
  const auto username = message.username();
  if (!username) {
    return std::nullopt;
  }
  const auto key = make_ufrag(username->substr(0, username->find(':')));
  const uint32_t* owner = key ? ufrags_.find(*key) : nullptr;
  return owner != nullptr ? std::optional(*owner) : std::nullopt;
}

std::optional<uint32_t> ServerTable::find(const Tuple& from) const {
  const uint32_t* owner = tuples_.find(from);
  return owner != nullptr ? std::optional(*owner) : std::nullopt;
}

uint64_t ServerTable::UfragHash::operator()(const Ufrag& ufrag) const {
  uint64_t hash = mix_hash(seed, ufrag.size);
  for (size_t i = 0; i < ufrag.text.size(); i += 8) {
    hash = mix_hash(hash, load_be64(reinterpret_cast<const uint8_t*>(&ufrag.text[i])));
  }
  return hash;
}

std::optional<ServerTable::Ufrag> ServerTable::make_ufrag(std::string_view text) {
  if (text.empty() || text.size() > kMaxUfragSize) {
    return std::nullopt;
  }
  Ufrag ufrag;
  std::copy(text.begin(), text.end(), ufrag.text.begin());
  ufrag.size = static_cast<uint8_t>(text.size());
  return ufrag;
}

}  // namespace sluice::ice
