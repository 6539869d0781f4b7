// Finds the transport that a datagram on a shared port belongs to (media-plane 1.12). Transports
// are the owner's numbers; the table knows nothing else about them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/ice/agent.h"
#include "protocol/ice/flat_map.h"
#include "protocol/ice/tuple.h"
#include "protocol/stun/message.h"

namespace sluice::ice {

class ServerTable {
 public:
  /// The ufrags here are our own, so no longer ones are needed.
  static constexpr size_t kMaxUfragSize = Credentials::kLength;

  ServerTable();

  /// False when the ufrag is taken (choose another one), empty or too long.
  bool add_ufrag(std::string_view ufrag, uint32_t transport);
  /// Ignored unless it is this transport's.
  void remove_ufrag(std::string_view ufrag, uint32_t transport);
  /// False when the tuple is another transport's.
  bool add_tuple(const Tuple& tuple, uint32_t transport);
  /// Ignored unless it is this transport's.
  void remove_tuple(const Tuple& tuple, uint32_t transport);

  /// Follows what an agent reports about its tuples and ufrags. The ufrag of a new agent, and the
  /// one of a restart, are added by hand, since they may be taken.
  void apply(const Event& event, uint32_t transport);
  /// Forgets all that the agent of a closing transport has registered.
  void remove_agent(const Agent& agent, uint32_t transport);

  /// Who gets a STUN message: the transport of the tuple, or for a new tuple the one whose ufrag
  /// begins the user name. Nothing: drop it without a reply.
  [[nodiscard]] std::optional<uint32_t> route(const stun::Message& message,
                                              const Tuple& from) const;
  /// Who gets any other packet. Nothing: drop it.
  [[nodiscard]] std::optional<uint32_t> find(const Tuple& from) const;

  [[nodiscard]] size_t ufrag_count() const { return ufrags_.size(); }
  [[nodiscard]] size_t tuple_count() const { return tuples_.size(); }

 private:
  /// A ufrag in place, padded with zeros.
  struct Ufrag {
    std::array<char, kMaxUfragSize> text{};
    uint8_t size = 0;
    friend bool operator==(const Ufrag&, const Ufrag&) = default;
  };
  struct UfragHash {
    uint64_t seed;
    uint64_t operator()(const Ufrag& ufrag) const;
  };
  struct TupleHash {
    uint64_t seed;
    uint64_t operator()(const Tuple& tuple) const { return hash_value(tuple, seed); }
  };

  static std::optional<Ufrag> make_ufrag(std::string_view text);

  FlatMap<Ufrag, uint32_t, UfragHash> ufrags_;
  FlatMap<Tuple, uint32_t, TupleHash> tuples_;
};

}  // namespace sluice::ice
