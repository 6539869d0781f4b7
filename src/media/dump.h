// What objects show of their inside, for diagnosis and for tests (ortc-model Appendix B). Here is
// the part that only a loop knows; dump.cc has the objects' `dump` methods, which put it together
// with what the control thread knows.
//
// Differences to the model's shapes: absent members are left out everywhere, and what belongs to
// objects that do not exist (observers) is an empty list.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/types.h"
#include "media/data_setup.h"
#include "media/loop_setup.h"
#include "protocol/codecs/layer_history.h"
#include "protocol/rtp/extension_kind.h"

namespace sluice::media {

/// A received or sent stream.
struct RtpStreamDump {
  uint32_t encoding_index = 0;
  Ssrc ssrc;
  PayloadType payload_type;
  std::string mime_type;
  uint32_t clock_rate = 0;
  std::string rid;
  std::string cname;
  std::optional<Ssrc> rtx_ssrc;
  std::optional<PayloadType> rtx_payload_type;
  bool nack = false, pli = false, fir = false;
  bool in_band_fec = false;
  bool dtx = false;
  uint8_t spatial_layers = 1, temporal_layers = 1;
  uint8_t score = 0;
};

struct ConsumerDump {
  RtpStreamDump stream;
  // -1 for none, and for consumers without layers.
  codecs::Layers target_layers;
  codecs::Layers current_layers;
};

/// How a transport finds the producer of a packet.
struct TransportDump {
  rtp::ExtensionIds extension_ids;
  // Producers by handle.
  std::vector<std::pair<Ssrc, Handle>> ssrcs;
  std::vector<std::pair<std::string, Handle>> mids;
  std::vector<std::pair<std::string, Handle>> rids;
  std::optional<SctpDump> sctp;  ///< with SCTP
};

[[nodiscard]] boost::json::object to_json(const RtpStreamDump& stream);

}  // namespace sluice::media
