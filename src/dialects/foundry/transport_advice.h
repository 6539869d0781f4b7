// Why a transport carries no media yet, in words for the person in front of the browser. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "protocol/ortc/transport_parameters.h"

namespace sluice::foundry {

/// States by their names in the object model ("new", "connected", ...). `failure` is the engine's
/// own account of a failure, empty when there is none. Empty when all is well.
std::string transport_advice(std::string_view ice_state, std::string_view dtls_state,
                             std::string_view failure,
                             std::span<const ortc::IceCandidate> candidates);

}  // namespace sluice::foundry
