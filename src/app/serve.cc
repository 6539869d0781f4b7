#include "app/serve.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <csignal>
#include <optional>
#include <utility>
#include <vector>

#include "app/descriptors.h"
#include "app/hints.h"
#include "app/log_format.h"
#include "app/log_levels.h"
#include "app/room_census.h"
#include "app/shutdown.h"
#include "app/status_routes.h"
#include "app/version.h"
#include "app/web_client.h"
#include "app/wiring.h"
#include "base/log.h"
#include "dialects/foundry/codecs.h"
#include "dialects/foundry/dialect.h"
#include "dialects/foundry/startup_log.h"
#include "media/engine.h"
#include "net/local_addresses.h"
#include "rooms/room_service.h"
#include "web/event_loop.h"
#include "web/server.h"

namespace sluice::app {
namespace {

constexpr const char* kFoundryPrefix = "/foundry";

/// Whether candidates can be said without looking at the way a client came: not so when some
/// address means all of this machine's.
bool addresses_are_settled(const media::EngineSettings& settings) {
  return std::ranges::none_of(settings.listen, [](const media::ListenAddress& listen) {
    const auto ip = IpAddress::parse(listen.ip);
    return ip && ip->is_any() && listen.announced_address.empty();
  });
}

foundry::Options foundry_options(const Configuration& configuration,
                                 const media::EngineSettings& settings) {
  foundry::Options options;
  options.admission.token = configuration.auth.token.text;
  options.admission.origins = configuration.http.allowed_origins;
  if (const std::string& servers = configuration.ice.servers.text; !servers.empty()) {
    options.ice_servers = boost::json::parse(servers).as_array();  // checked with the setting
  }
  options.address_announced = addresses_are_settled(settings);
  options.machine_addresses = net::local_addresses;
  return options;
}

/// All that runs. Members are destroyed from the last to the first.
class RunningServer {
 public:
  /// `descriptors`: how many files this process may have open.
  RunningServer(const Setup& setup, uint64_t descriptors)
      : setup_(setup),
        configuration_(setup.configuration.values),
        descriptors_(descriptors),
        server_(loop_, server_options(configuration_, descriptors)) {}

  /// Listens, and starts everything behind it.
  Result<void> start(std::function<Result<Setup>()> reload);
  int run();

 private:
  void watch_signals(std::function<Result<Setup>()> reload);
  Result<void> listen();
  Result<void> start_media();
  void mount();
  Result<void> start_second_listener();
  void tell_where() const;
  void take_again(const Result<Setup>& fresh);

  const Setup& setup_;
  const Configuration& configuration_;
  const uint64_t descriptors_;
  web::EventLoop loop_;
  web::Server server_;
  /// Of the drop-in mode, for health checks and static files.
  std::optional<web::Server> second_server_;
  SocketAddress bound_;
  std::unique_ptr<media::Engine> engine_;
  std::optional<rooms::RoomService> rooms_;
  std::optional<RoomCensus> census_;
  std::optional<foundry::FoundryDialect> foundry_;
  std::optional<Shutdown> shutdown_;
};

Result<void> RunningServer::start(std::function<Result<Setup>()> reload) {
  // First of all, so that a signal during the start is not lost.
  watch_signals(std::move(reload));
  if (setup_.foundry) {
    foundry::log_starting();
  } else {
    logger("app")->info("starting sluice version={}", kVersion);
  }
  for (const std::string& warning : setup_.configuration.warnings) {
    logger("app")->warn("{}", warning);
  }
  if (auto done = listen(); !done) {
    return done;
  }
  if (auto done = start_media(); !done) {
    return done;
  }
  mount();
  if (auto done = start_second_listener(); !done) {
    return done;
  }
  tell_where();
  return {};
}

Result<void> RunningServer::listen() {
  const auto listener = main_listener(configuration_);
  if (!listener) {
    return std::unexpected(listener.error());
  }
  const auto bound = server_.listen(*listener);
  if (!bound) {
    return generic_error(listen_failure(bound.error().message, setup_.foundry));
  }
  bound_ = *bound;
  return {};
}

Result<void> RunningServer::start_media() {
  auto settings = engine_settings(configuration_);
  if (!settings) {
    return std::unexpected(settings.error());
  }
  foundry::Options options = foundry_options(configuration_, *settings);
  auto engine = media::Engine::create(
      *std::move(settings),
      [this](std::move_only_function<void()> work) { loop_.post(std::move(work)); });
  if (!engine) {
    return generic_error(media_failure(engine.error().message, setup_.foundry));
  }
  engine_ = *std::move(engine);
  rooms_.emplace(*engine_, foundry::router_codecs(), room_limits(configuration_));
  census_.emplace(*rooms_);
  foundry_.emplace(loop_, *rooms_, std::move(options));
  return {};
}

void RunningServer::mount() {
  mount_status(server_.router(), {*engine_, *rooms_, *census_, server_});
  if (setup_.foundry) {
    foundry_->mount(server_.router(), "");
    return;
  }
  foundry_->mount(server_.router(), kFoundryPrefix);
  server_.router().route("GET", "/*", web::serve_embedded(web_client()));
}

Result<void> RunningServer::start_second_listener() {
  const auto& point = setup_.drop_in.http;
  if (!setup_.foundry || !point) {
    return {};
  }
  second_server_.emplace(loop_, server_options(configuration_, descriptors_));
  auto host = resolve_host(point->host);
  if (!host) {
    return std::unexpected(host.error());
  }
  const auto bound = second_server_->listen({.host = *std::move(host), .port = point->port});
  if (!bound) {
    return generic_error(bound.error().message + " (MEDIASOUP_HTTP_ADDR)");
  }
  web::Router& router = second_server_->router();
  router.route("GET", "/health", [this](const web::Request&, web::Responder responder) {
    responder.json(foundry_->health());
  });
  if (auto files = web::serve_directory(setup_.drop_in.http_dir)) {
    router.route("GET", "/*", *std::move(files));
  } else {
    logger("app")->warn("MEDIASOUP_HTTP_DIR: {}: only /health is served", files.error().message);
  }
  logger("app")->info("HTTP server listening on {}", bound->to_string());
  return {};
}

void RunningServer::tell_where() const {
  const auto local = net::local_addresses();
  if (setup_.foundry) {
    for (unsigned i = 0; i < engine_->loop_count(); ++i) {
      foundry::log_worker_created(i);
    }
    foundry::log_listening(bound_.to_string());
  } else {
    logger("app")->info("media ready workers={} ports={}-{}", engine_->loop_count(),
                        configuration_.media.min_port, configuration_.media.max_port);
    logger("app")->info("Sluice is ready: {}", main_url(configuration_, bound_));
    for (const std::string& url : network_urls(configuration_, bound_, local)) {
      logger("app")->info("on the local network: {}", url);
    }
  }
  for (const std::string& hint :
       start_hints(configuration_, bound_, local, hint_words(setup_.foundry))) {
    logger("app")->warn("{}", hint);
  }
  if (const auto hint = descriptor_hint(descriptors_, configuration_.limits.connections)) {
    logger("app")->warn("{}", *hint);
  }
}

void RunningServer::watch_signals(std::function<Result<Setup>()> reload) {
  // The callbacks run inside of `run`, when everything is there.
  for (const int signal : {SIGTERM, SIGINT}) {
    loop_.on_signal(signal, [this](int number) { shutdown_->on_signal(number); });
  }
  loop_.on_signal(SIGHUP, [this, reload = std::move(reload)](int) { take_again(reload()); });
}

int RunningServer::run() {
  std::vector<web::Server*> servers{&server_};
  if (second_server_) {
    servers.push_back(&*second_server_);
  }
  shutdown_.emplace(loop_, *rooms_, std::move(servers), configuration_.shutdown.drain);
  loop_.run();
  return shutdown_->exit_code();
}

void RunningServer::take_again(const Result<Setup>& fresh) {
  if (!fresh) {
    logger("app")->error("SIGHUP: the configuration stays as it is: {}", fresh.error().message);
    return;
  }
  apply_log_levels(fresh->configuration.values.log.level);
  if (const auto done = server_.reload_certificates(); !done) {
    logger("app")->error("SIGHUP: the certificates stay as they are: {}", done.error().message);
    return;
  }
  logger("app")->info("SIGHUP: log levels and certificates are read again");
}

}  // namespace

Result<int> serve(const Setup& setup, std::function<Result<Setup>()> reload) {
  const Configuration::Log& log = setup.configuration.values.log;
  set_up_logs(
      {.json = log.format == "json", .fixed_module = setup.foundry ? "mediasoup_server" : ""});
  apply_log_levels(log.level);
  // A closed pipe or socket is an error of the call that writes to it.
  std::signal(SIGPIPE, SIG_IGN);
  RunningServer server(setup, raise_descriptor_limit());
  if (auto started = server.start(std::move(reload)); !started) {
    return std::unexpected(started.error());
  }
  return server.run();
}

}  // namespace sluice::app
