#include "dialects/foundry/session.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "dialects/foundry/printable.h"
#include "dialects/foundry/session_group.h"
#include "dialects/foundry/session_methods.h"
#include "protocol/ortc/json.h"

namespace sluice::foundry {
namespace {

constexpr const char* kLog = "mediasoup_server";

/// Foundry's have 16 characters. Ids are repeated in every announcement.
constexpr size_t kMaxUserId = 256;

/// Per connection; a peer that sends rubbish all day must not fill the disk.
constexpr unsigned kMaxWarnings = 20;

/// What others are told of a producer, whichever dialect it came through.
ProducerNotice make_notice(const rooms::RoomProducer& producer) {
  ProducerNotice notice;
  notice.producer_id = producer.producer->id();
  notice.owner = producer.owner->id();
  notice.user_id = producer.owner->user_id.empty() ? producer.owner->id() : producer.owner->user_id;
  notice.kind = ortc::to_text(producer.producer->kind());
  notice.app_data = producer.app_data;
  if (!producer.source.empty() && !notice.app_data.contains("mediaTag")) {
    notice.app_data["mediaTag"] = producer.source;
  }
  notice.app_data["rtpParameters"] = ortc::to_json(producer.producer->rtp_parameters());
  return notice;
}

}  // namespace

Session::Session(SessionGroup& group, rooms::Peer& peer, Wire wire,
                 std::vector<std::string> candidate_addresses)
    : group_(group),
      peer_(peer),
      wire_(std::move(wire)),
      announcements_([this](std::string text) { wire_.send(std::move(text)); }),
      candidate_addresses_(std::move(candidate_addresses)) {
  subscribe();
}

Session::~Session() {
  rooms::Room& room = peer_.room();
  watch_.reset();
  room.on_producer_added.disconnect(added_listener_);
  room.on_producer_closed.disconnect(closed_listener_);
  room.on_peer_left.disconnect(left_listener_);
  if (user_known_) {
    group_.exit(room.name(), peer_.user_id, *this);
  }
  logger(kLog)->info("peer removed room={} peer={} user={}", printable(room.name()), peer_.id(),
                     printable(peer_.user_id));
  room.leave(peer_);
}

void Session::subscribe() {
  rooms::Room& room = peer_.room();
  added_listener_ = room.on_producer_added.connect([this](rooms::RoomProducer& producer) {
    if (producer.owner != &peer_) {
      announcements_.produced(make_notice(producer));
    }
  });
  closed_listener_ = room.on_producer_closed.connect([this](rooms::RoomProducer& producer) {
    if (producer.owner != &peer_) {
      const std::string& id = producer.producer->id();
      announcements_.closed(
          id, producer.owner->id(),
          id == group_.replaced_video ? CloseReason::kVideoReplaced : CloseReason::kGone);
    }
  });
  left_listener_ = room.on_peer_left.connect(
      [this](const rooms::Peer& other) { announcements_.owner_left(other.id()); });
}

void Session::on_text(std::string_view text) {
  const auto request = parse_request(text);
  if (!request) {
    warn("malformed frame: " + request.error().message);
    return;
  }
  if (request->named_by == Form::kNone) {
    warn("frame without a method");
    fail(*request, "error", "Invalid request: the frame has no method");
    return;
  }
  announcements_.settle(request->named_by);
  learn_user(*request);
  logger(kLog)->debug("request peer={} method={}", peer_.id(), printable(request->method));
  handle(*request);
}

void Session::handle(const Request& request) {
  const Method* const method = find_method(request.method);
  if (method == nullptr) {
    warn("unknown method " + printable(request.method));
    fail(request, request.method, "Unknown method: " + request.method);
    return;
  }
  auto outcome = (this->*method->handler)(request);
  if (!outcome) {
    fail(request, method->answer, outcome.error().message);
    return;
  }
  if (request.wants_answer()) {
    wire_.send(write_result(request, method->answer, std::move(outcome->data)));
  }
  if (outcome->reception != Reception::kUnchanged) {
    announcements_.can_receive(outcome->reception == Reception::kDeclared, notices_of_others());
  }
}

void Session::fail(const Request& request, std::string_view type, const std::string& error) {
  logger(kLog)->debug("request refused peer={} method={}: {}", peer_.id(),
                      printable(request.method), printable(error));
  if (request.wants_answer()) {
    wire_.send(write_error(request, type, error));
  }
}

void Session::learn_user(const Request& request) {
  const std::string_view user = request.user_id();
  if (user.empty() || user.size() > kMaxUserId || (user_known_ && user == peer_.user_id)) {
    return;
  }
  const std::string& room = peer_.room().name();
  if (user_known_) {
    group_.exit(room, peer_.user_id, *this);
  }
  peer_.user_id = user;
  user_known_ = true;
  logger(kLog)->info("peer identified room={} peer={} user={}", printable(room), peer_.id(),
                     printable(user));
  group_.enter(room, peer_.user_id, *this);
}

std::vector<ProducerNotice> Session::notices_of_others() {
  std::vector<ProducerNotice> notices;
  for (const rooms::RoomProducer* producer : peer_.room().producers()) {
    if (producer->owner != &peer_) {
      notices.push_back(make_notice(*producer));
    }
  }
  return notices;
}

void Session::close_replaced(const std::string& media_tag, ortc::MediaKind kind) {
  for (const rooms::RoomProducer* entry : peer_.producers()) {
    if (entry->source != media_tag || entry->producer->kind() != kind) {
      continue;
    }
    // The entry goes with the producer.
    const std::shared_ptr<media::Producer> producer = entry->producer;
    if (kind == ortc::MediaKind::kVideo) {
      group_.replaced_video = producer->id();
    }
    producer->close();
    group_.replaced_video.clear();
  }
}

void Session::warn(const std::string& sentence) {
  if (warnings_ > kMaxWarnings) {
    return;
  }
  ++warnings_;
  logger(kLog)->warn(
      "{} peer={} user={}{}", sentence, peer_.id(), printable(peer_.user_id),
      warnings_ > kMaxWarnings ? "; further warnings of this peer are not shown" : "");
}

}  // namespace sluice::foundry
