// The three lines that users of the original server look for when it starts (foundryvtt 3.6), word
// for word, on the logger "mediasoup_server".
#pragma once

#include <string>

namespace sluice::foundry {

void log_starting();
/// `index` from 0. Workers are threads here; the id tells runs apart.
void log_worker_created(unsigned index);
/// With the real address and port.
void log_listening(const std::string& address);

}  // namespace sluice::foundry
