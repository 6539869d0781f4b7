// The running server: everything put together, from the start to the end of the process.
#pragma once

#include <functional>

#include "app/setup.h"
#include "base/error.h"

namespace sluice::app {

/// Runs until a signal ends it and returns the exit code. SIGTERM and SIGINT: see Shutdown. SIGHUP:
/// reads the configuration again (`reload`) and takes the log levels and the TLS files from it. The
/// error says why the server could not start.
Result<int> serve(const Setup& setup, std::function<Result<Setup>()> reload);

}  // namespace sluice::app
