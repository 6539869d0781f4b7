// The configuration in the form in which each part of the server takes it.
#pragma once

#include <cstdint>
#include <string>

#include "app/configuration.h"
#include "base/error.h"
#include "media/settings.h"
#include "rooms/limits.h"
#include "web/server.h"

namespace sluice::app {

/// Errors: a file of the DTLS certificate that cannot be read.
Result<media::EngineSettings> engine_settings(const Configuration& configuration);

rooms::Limits room_limits(const Configuration& configuration);

/// `descriptors`: how many files the process may have open.
web::ServerOptions server_options(const Configuration& configuration, uint64_t descriptors);

/// An IP literal for a host name, by the system's resolver; literals stay as they are. Blocks.
Result<std::string> resolve_host(const std::string& host);

/// The main listener. Errors: a host name that does not resolve, no self-signed certificate.
Result<web::Listener> main_listener(const Configuration& configuration);

}  // namespace sluice::app
