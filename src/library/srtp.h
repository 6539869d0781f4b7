// SRTP parameters of plain and pipe transports, which are JSON in the public interface.
#pragma once

#include <boost/json.hpp>
#include <optional>

#include "library/access.h"
#include "protocol/ortc/json.h"
#include "protocol/ortc/srtp_parameters.h"

namespace sluice {

/// What a remote end gave; nothing when it is null. Error: TypeError.
inline Result<std::optional<ortc::SrtpParameters>> parse_remote_srtp(
    const boost::json::value& value) {
  if (value.is_null()) {
    return std::nullopt;
  }
  auto parameters = ortc::parse_srtp_parameters(&value);
  if (!parameters) {
    return std::unexpected(std::move(parameters.error()));
  }
  return std::move(*parameters);
}

inline boost::json::value srtp_json(const std::optional<ortc::SrtpParameters>& parameters) {
  return parameters ? ortc::to_json(*parameters) : boost::json::value();
}

}  // namespace sluice
