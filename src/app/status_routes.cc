#include "app/status_routes.h"

#include <memory>
#include <utility>
#include <vector>

#include "app/metrics.h"

namespace sluice::app {
namespace {

void answer_metrics(const StatusSources& sources, web::Responder responder) {
  // Shared, because std::function wants to be copied.
  auto waiting = std::make_shared<web::Responder>(std::move(responder));
  sources.engine.query_load([sources, waiting](std::vector<media::LoopLoad> loops) {
    const Snapshot snapshot{
        .rooms = sources.census.count(),
        .http = sources.server.stats(),
        .loops = loops,
        .packet_buffers_per_loop = sources.engine.settings().packets_per_loop,
        .process = count_process(),
        .draining = sources.rooms.draining(),
    };
    web::Response response = web::Response::text(render_metrics(snapshot));
    response.headers.set("Content-Type", kMetricsContentType);
    waiting->send(std::move(response));
  });
}

}  // namespace

void mount_status(web::Router& router, const StatusSources& sources) {
  router.route("GET", "/healthz",
               [](const web::Request&, web::Responder responder) { responder.text("ok\n"); });
  router.route("GET", "/readyz", [sources](const web::Request&, web::Responder responder) {
    if (sources.rooms.draining()) {
      responder.text("draining\n", 503);
    } else {
      responder.text("ready\n");
    }
  });
  router.route("GET", "/metrics", [sources](const web::Request&, web::Responder responder) {
    answer_metrics(sources, std::move(responder));
  });
}

}  // namespace sluice::app
