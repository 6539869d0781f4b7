// RED (RFC 2198) in negotiation: a payload format that carries what another codec encoded, more
// than once against loss. Its one format parameter lists the payload types of what it carries, e.g.
// "111/111", without a name. As SDP parsers of browsers and of clients disagree about such a
// parameter, it is read as a key without a value or as a value without a key, and written as the
// former.
#pragma once

#include <vector>

#include "protocol/ortc/parameter_map.h"
#include "protocol/ortc/rtp_parameters.h"

namespace sluice::ortc {

/// True for "audio/red" in any case.
[[nodiscard]] bool is_red(const RtpCodec& codec);

/// The payload types that a RED codec says it carries, each once; empty when it does not say, or
/// not in that form.
[[nodiscard]] std::vector<PayloadType> red_payload_types(const RtpCodec& codec);

/// The format parameter of RED with one copy of what `carried` encodes.
[[nodiscard]] ParameterMap red_parameters(PayloadType carried);

}  // namespace sluice::ortc
