#include "support/loop_world.h"

#include <array>

namespace sluice::test {

LoopWorld::LoopWorld(unsigned loops, uint32_t packets, const srtp::KeyLimits& key_limits)
    : backend_(srtp::make_backend()) {
  interconnect_ = std::make_unique<media::Interconnect>(loops, packets, [](unsigned) {});
  for (unsigned index = 0; index < loops; ++index) {
    auto member = std::make_unique<Member>(index, packets, now_);
    media::LoopResources resources;
    resources.index = index;
    resources.slab = &member->slab;
    resources.queue = &member->queue;
    resources.timers = &member->timers;
    resources.interconnect = interconnect_.get();
    resources.dtls = shared_dtls_context();
    resources.key_limits = key_limits;
    resources.ntp = rtcp::NtpClock(Micros{1'700'000'000'000'000}, now_);
    resources.events = [this](media::LoopEvent event) { events.push_back(std::move(event)); };
    resources.post = [this](unsigned to, std::move_only_function<void(media::MediaLoop&)> run) {
      ++posted;
      members_[to]->commands.push_back(std::move(run));
    };
    resources.close_tcp = [](uint32_t) {};
    resources.close_socket = [this](uint8_t socket) { closed_sockets.push_back(socket); };
    resources.authenticate_tcp = [](uint32_t) {};
    resources.local_addresses = {*SocketAddress::parse("192.0.2.1:40000")};
    member->media = std::make_unique<media::MediaLoop>(std::move(resources));
    member->media->set_now(now_);
    members_.push_back(std::move(member));
  }
}

LoopWorld::~LoopWorld() {
  for (const auto& member : members_) {
    member->media.reset();
  }
}

LoopWorld::Connection& LoopWorld::add_transport(unsigned loop,
                                                std::shared_ptr<const dtls::Context> dtls) {
  auto connection = std::make_unique<Connection>();
  connection->handle = next_handle();
  connection->loop = loop;
  connection->address = {*IpAddress::parse("198.51.100.7"), ++last_port_};
  connection->credentials = ice::Credentials::generate();
  connection->peer =
      std::make_unique<TestPeer>(connection->credentials, *backend_, std::move(dtls));
  media::WebRtcSetup setup;
  setup.handle = connection->handle;
  setup.credentials = connection->credentials;
  setup.sctp = sctp;
  if (sctp) {
    connection->peer->enable_data(*sctp);
  }
  command(loop, [&](media::MediaLoop& media) { media.add_transport(setup); });
  Connection& result = *connection;
  connections_.emplace(connection->address, std::move(connection));
  return result;
}

LoopWorld::Connection& LoopWorld::connect(unsigned loop,
                                          std::shared_ptr<const dtls::Context> dtls) {
  Connection& connection = add_transport(loop, std::move(dtls));
  connection.peer->start(shared_dtls_context()->certificate().fingerprints(), now_);
  command(loop, [&](media::MediaLoop& media) {
    media.connect_transport(connection.handle, dtls::Role::kClient,
                            connection.peer->fingerprints());
  });
  for (int i = 0; i < 100 && !connection.peer->connected(); ++i) {
    advance(10ms);
  }
  return connection;
}

void LoopWorld::command(unsigned loop, const std::function<void(media::MediaLoop&)>& run) {
  members_[loop]->media->set_now(now_);
  run(*members_[loop]->media);
}

void LoopWorld::deliver(unsigned loop, const SocketAddress& from, Bytes datagram, uint8_t socket) {
  Buffer bytes(datagram.begin(), datagram.end());
  net::Datagram entry;
  entry.data = bytes;
  entry.remote = from;
  entry.socket = socket;
  entry.local_ip = *IpAddress::parse("192.0.2.1");
  members_[loop]->media->on_datagrams({&entry, 1}, now_);
}

bool LoopWorld::turn(Member& member) {
  bool worked = false;
  while (!member.commands.empty()) {
    auto run = std::move(member.commands.front());
    member.commands.pop_front();
    member.media->set_now(now_);
    run(*member.media);
    worked = true;
  }
  member.media->on_turn(now_);
  worked |= member.timers.advance(now_) > 0;
  member.media->on_timers(now_);
  std::vector<std::pair<SocketAddress, Buffer>> sent;
  member.queue.for_each_pending([&](net::Destination& destination, Bytes packet) {
    sent.emplace_back(destination.remote(), Buffer(packet.begin(), packet.end()));
  });
  member.queue.clear();
  for (auto& [to, packet] : sent) {
    worked = true;
    const auto found = connections_.find(to);
    if (found == connections_.end()) {
      stray.emplace_back(to, std::move(packet));
    } else {
      send_to_peer(*found->second, packet);
    }
  }
  return worked;
}

void LoopWorld::send_to_server(Connection& from, Bytes packet) {
  if (passes && !passes(from, packet, true)) {
    return;
  }
  if (from.uplink) {
    from.uplink->push(now_, packet);
  } else {
    deliver(from.loop, from.address, packet);
  }
}

void LoopWorld::send_to_peer(Connection& to, Bytes packet) {
  if (passes && !passes(to, packet, false)) {
    return;
  }
  if (to.downlink) {
    to.downlink->push(now_, packet);
  } else {
    to.peer->on_datagram(packet, now_);
  }
}

bool LoopWorld::deliver_arrived(Connection& connection) {
  bool worked = false;
  if (connection.uplink) {
    while (const auto packet = connection.uplink->pop_due(now_)) {
      worked = true;
      deliver(connection.loop, connection.address, *packet);
    }
  }
  if (connection.downlink) {
    while (const auto packet = connection.downlink->pop_due(now_)) {
      worked = true;
      connection.peer->on_datagram(*packet, now_);
    }
  }
  return worked;
}

std::optional<Micros> LoopWorld::next_arrival() const {
  std::optional<Micros> next;
  for (const auto& [address, connection] : connections_) {
    for (const auto* link : {connection->uplink.get(), connection->downlink.get()}) {
      next = earliest(next, link == nullptr ? std::nullopt : link->next_due());
    }
  }
  return next;
}

void LoopWorld::settle() {
  for (bool worked = true; worked;) {
    worked = false;
    for (const auto& [address, connection] : connections_) {
      connection->peer->on_timeout(now_);
      while (const auto packet = connection->peer->poll_transmit()) {
        worked = true;
        send_to_server(*connection, *packet);
      }
      worked |= deliver_arrived(*connection);
    }
    for (const auto& member : members_) {
      worked |= turn(*member);
    }
    for (unsigned index = 0; index < members_.size(); ++index) {
      worked |= interconnect_->has_pending(index);
    }
  }
}

void LoopWorld::advance(Micros duration, Micros step) {
  settle();
  for (const Micros end = now_ + duration; now_ < end;) {
    now_ = std::max(now_, std::min({end, now_ + step, next_arrival().value_or(end)}));
    if (each_step) {
      each_step(now_);
    }
    settle();
  }
}

}  // namespace sluice::test
