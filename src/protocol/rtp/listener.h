// Finds the producer that a packet on a transport belongs to (media-plane 5.6, RFC 9143
// section 9.2): by SSRC, else by MID, else by RID. What MID or RID told is learned, so that later
// packets need only their SSRC.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/types.h"
#include "protocol/rtp/ssrc_table.h"

namespace sluice::rtp {

/// How a producer's packets can be told.
struct ListenerKeys {
  std::span<const Ssrc> ssrcs{};  ///< of all encodings, RTX included
  std::string_view mid{};         ///< empty for none
  std::span<const std::string_view> rids{};
};

/// What a packet says about its stream; text is empty where the packet has none or the transport
/// did not negotiate the extension.
struct PacketKeys {
  Ssrc ssrc{};
  std::string_view mid{};
  std::string_view rid{};
  std::string_view repaired_rid{};
};

class Listener {
 public:
  /// Registers a producer, known by an index that the owner chooses. Fails, leaving everything as
  /// it was, when an SSRC or the MID belongs to another producer, or a RID does and this producer
  /// has no MID. (With a MID a RID need not be unique, and a second one is simply not registered.)
  Result<void> add(uint32_t producer, const ListenerKeys& keys);

  /// Forgets a producer, with the SSRCs learned for it.
  void remove(uint32_t producer);

  /// The producer of a packet. Nothing: drop the packet and the SRTP state of its SSRC.
  ///
  /// An SSRC that was learned moves to another producer when it arrives with that producer's MID; a
  /// signalled one never does.
  std::optional<uint32_t> find(const PacketKeys& packet);

  [[nodiscard]] const SsrcTable& ssrcs() const { return ssrcs_; }
  /// Text and producer of each entry, in order of the text.
  using TextEntries = std::vector<std::pair<std::string, uint32_t>>;
  [[nodiscard]] TextEntries mids() const { return sorted(mids_); }
  [[nodiscard]] TextEntries rids() const { return sorted(rids_); }

 private:
  /// Lets the maps be searched by view, which does not allocate.
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using TextMap = std::unordered_map<std::string, uint32_t, TextHash, std::equal_to<>>;

  static TextEntries sorted(const TextMap& map);
  static std::optional<uint32_t> find_text(const TextMap& map, std::string_view text);

  SsrcTable ssrcs_;
  TextMap mids_;
  TextMap rids_;
};

}  // namespace sluice::rtp
