#include "app/version.h"

namespace sluice::app {

const std::string_view kVersion = SLUICE_VERSION;

}  // namespace sluice::app
