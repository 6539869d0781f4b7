#include "dialects/foundry/startup_log.h"

#include "base/log.h"
#include "base/random.h"

namespace sluice::foundry {

void log_starting() {
  logger("mediasoup_server")->info("Starting MediaSoup server for FoundryVTT");
}

void log_worker_created(unsigned index) {
  logger("mediasoup_server")
      ->info("Created MediaSoup worker {} with ID worker_{}", index, random_uint32(10000, 99999));
}

void log_listening(const std::string& address) {
  logger("mediasoup_server")->info("WebSocket server listening on {}", address);
}

}  // namespace sluice::foundry
