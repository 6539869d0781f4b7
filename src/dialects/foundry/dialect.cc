#include "dialects/foundry/dialect.h"

#include <boost/json/serialize.hpp>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "dialects/foundry/candidates.h"
#include "dialects/foundry/printable.h"
#include "dialects/foundry/session.h"

namespace sluice::foundry {
namespace {

constexpr const char* kLog = "mediasoup_server";

}  // namespace

struct FoundryDialect::Connection {
  std::string client;
  web::WebSocketSession socket;
  /// Behind the socket, because it reaches for it until its end.
  std::unique_ptr<Session> session;
  web::Timer silence;
};

FoundryDialect::FoundryDialect(web::EventLoop& loop, rooms::RoomService& rooms, Options options)
    : loop_(loop),
      rooms_(rooms),
      options_(std::move(options)),
      group_(options_.ice_servers),
      resolver_(loop, options_.lookup) {}

FoundryDialect::~FoundryDialect() {
  // One by one: a session that ends still tells the others.
  while (!connections_.empty()) {
    const auto connection = connections_.extract(connections_.begin());
  }
}

void FoundryDialect::mount(web::Router& router, const std::string& prefix) {
  const std::string health_path = prefix + "/health";
  router.websocket(
      prefix + "/*",
      [this](const web::Request& request, web::Upgrade upgrade) {
        on_upgrade(request, std::move(upgrade));
      },
      "This is the WebSocket of the FoundryVTT module: connect with ws:// or wss://. Plain HTTP "
      "has "
      "only " +
          health_path + " here.\n");
  router.route("GET", health_path,
               [this](const web::Request&, web::Responder responder) { responder.json(health()); });
  // Browsers do not show pages why an upgrade was refused. POST, because it carries the Origin.
  router.route(
      "POST", prefix + "/admission", [this](const web::Request& request, web::Responder responder) {
        const Decision decision = decide(options_.admission, request);
        responder.json(boost::json::serialize(
            boost::json::object{{"admitted", decision.status == 0}, {"reason", decision.why}}));
      });
}

std::string FoundryDialect::health() const {
  return boost::json::serialize(boost::json::object{{"status", "ok"},
                                                    {"rooms", rooms_.room_count()},
                                                    {"peers", rooms_.peer_count()},
                                                    {"workers", rooms_.engine().loop_count()}});
}

void FoundryDialect::on_upgrade(const web::Request& request, web::Upgrade upgrade) {
  const std::string client = request.client.to_string();
  Decision decision = decide(options_.admission, request);
  if (decision.status != 0) {
    logger(kLog)->info("connection refused address={}: {}", client, decision.why);
    upgrade.refuse(decision.status, std::move(decision.why));
    return;
  }
  if (options_.address_announced) {
    open(std::move(upgrade), decision.room, client, {});
    return;
  }
  std::string host(request.header("Host"));
  auto continue_with =
      [this, room = std::move(decision.room), client, host, local = request.local.ip,
       upgrade = std::move(upgrade)](const HostResolver::Addresses& resolved) mutable {
        const auto machine =
            options_.machine_addresses ? options_.machine_addresses() : std::vector<IpAddress>{};
        open(std::move(upgrade), room, client, candidate_addresses(host, resolved, local, machine));
      };
  const std::string name = name_to_resolve(host);
  if (name.empty()) {
    continue_with(HostResolver::Addresses{});
  } else {
    resolver_.resolve(name, std::move(continue_with));
  }
}

void FoundryDialect::open(web::Upgrade upgrade, const std::string& room, const std::string& client,
                          std::vector<std::string> addresses) {
  const auto target = rooms_.find_or_create(room);
  if (!target) {
    logger(kLog)->warn("connection refused address={}: {}", client, target.error().message);
    upgrade.refuse(503, target.error().message);
    return;
  }
  // The peer's name until it gives one itself.
  const auto peer = (*target)->join(random_uuid(), "");
  if (!peer) {
    logger(kLog)->warn("connection refused address={}: {}", client, peer.error().message);
    upgrade.refuse(503, peer.error().message);
    return;
  }
  const uint64_t number = ++last_number_;
  Connection& connection =
      *connections_.emplace(number, std::make_unique<Connection>()).first->second;
  connection.client = client;
  connection.socket = upgrade.accept();
  logger(kLog)->info("connection opened address={} peer={}", client, (*peer)->id());
  logger(kLog)->info("peer added room={} peer={} user={}", printable(room), (*peer)->id(),
                     (*peer)->user_id);
  connection.session = std::make_unique<Session>(
      group_, **peer,
      Wire{
          .send = [&connection](std::string text) { connection.socket.send_text(std::move(text)); },
          .probe = [&connection] { connection.socket.probe(kProbeTimeout); }},
      std::move(addresses));
  connection.socket.on_message([&connection](bool is_text, std::string_view payload) {
    if (is_text) {
      connection.session->on_text(payload);
    }
  });
  connection.socket.on_close(
      [this, number](const web::CloseEvent& event) { close(number, event); });
  connection.silence = loop_.after(kSilence, [&connection] { connection.session->on_silence(); });
}

void FoundryDialect::close(uint64_t number, const web::CloseEvent& event) {
  const auto node = connections_.extract(number);
  if (node.empty()) {
    return;
  }
  const Connection& connection = *node.mapped();
  const std::string& peer = connection.session->peer().id();
  if (!event.clean && !event.by_peer) {
    logger(kLog)->warn("peer dropped address={} peer={} code={}: {}", connection.client, peer,
                       event.code, printable(event.reason));
  }
  logger(kLog)->info("connection closed address={} peer={} code={}", connection.client, peer,
                     event.code);
}

}  // namespace sluice::foundry
