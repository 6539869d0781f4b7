// All ORTC algorithms of this folder (ortc-model 3 to 5). Code that needs one includes its own
// header instead.
#pragma once

#include "protocol/ortc/cname_policy.h"            // IWYU pragma: export
#include "protocol/ortc/codec_match.h"             // IWYU pragma: export
#include "protocol/ortc/consumer_parameters.h"     // IWYU pragma: export
#include "protocol/ortc/engine_parameters.h"       // IWYU pragma: export
#include "protocol/ortc/h264_profile_level_id.h"   // IWYU pragma: export
#include "protocol/ortc/mid_allocator.h"           // IWYU pragma: export
#include "protocol/ortc/negotiation.h"             // IWYU pragma: export
#include "protocol/ortc/producer_mapping.h"        // IWYU pragma: export
#include "protocol/ortc/router_capabilities.h"     // IWYU pragma: export
#include "protocol/ortc/rtp_id_registry.h"         // IWYU pragma: export
#include "protocol/ortc/scalability_mode.h"        // IWYU pragma: export
#include "protocol/ortc/sctp_parameters.h"         // IWYU pragma: export
#include "protocol/ortc/ssrc_allocator.h"          // IWYU pragma: export
#include "protocol/ortc/stream_type.h"             // IWYU pragma: export
#include "protocol/ortc/supported_capabilities.h"  // IWYU pragma: export
