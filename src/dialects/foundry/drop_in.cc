#include "dialects/foundry/drop_in.h"

namespace sluice::foundry {

media::EngineSettings engine_settings(const Configuration& configuration) {
  media::EngineSettings settings;
  settings.loops = configuration.workers;
  // The original's listening address is fixed; an announced IPv6 address needs the other family.
  const auto announced = IpAddress::parse(configuration.announced_address);
  settings.listen = {{.ip = announced && !announced->is_v4() ? "::" : "0.0.0.0",
                      .announced_address = configuration.announced_address}};
  settings.min_port = configuration.rtc_min_port;
  settings.max_port = configuration.rtc_max_port;
  settings.enable_tcp = true;
  return settings;
}

Options dialect_options(const Configuration& configuration) {
  Options options;
  options.admission = {.token = configuration.auth_token, .origins = configuration.allowed_origins};
  options.ice_servers = configuration.ice_servers;
  options.address_announced = !configuration.announced_address.empty();
  return options;
}

}  // namespace sluice::foundry
