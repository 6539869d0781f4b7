// Where log lines go.
#pragma once

#include <spdlog/common.h>

namespace sluice {

/// The sink of the loggers that are made from now on, instead of those of spdlog's default logger.
void set_log_sink(spdlog::sink_ptr sink);

}  // namespace sluice
