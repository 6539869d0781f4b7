// /healthz, /readyz and /metrics, for whoever watches over the server.
#pragma once

#include "app/room_census.h"
#include "media/engine.h"
#include "rooms/room_service.h"
#include "web/server.h"

namespace sluice::app {

/// What the routes report on; all of it outlives the router.
struct StatusSources {
  media::Engine& engine;
  rooms::RoomService& rooms;
  const RoomCensus& census;
  const web::Server& server;
};

/// `/healthz`: 200 as long as the control thread answers. `/readyz`: 200, or 503 while the server
/// drains. `/metrics`: see metrics.h.
void mount_status(web::Router& router, const StatusSources& sources);

}  // namespace sluice::app
