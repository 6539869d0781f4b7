#include "media/loop_pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "media/consumer.h"
#include "media/data_consumer.h"
#include "media/media_loop.h"
#include "media/producer.h"
#include "media/rtp_observer.h"
#include "media/transport.h"
#include "net/clock.h"
#include "net/loop.h"
#include "net/port_binding.h"

namespace sluice::media {

namespace {

// Fewer than a loop can have: the engine's own need some, and those that close count until the end
// of a turn.
constexpr size_t kMaxTransportSockets = 200;
// A buffer that no kernel grants; keeps the size within the type of the option.
constexpr uint32_t kMaxSocketBuffer = uint32_t{1} << 30;

}  // namespace

/// One loop: its thread with the sockets, and the media on it.
struct LoopPool::Member {
  std::unique_ptr<net::Loop> loop;
  std::unique_ptr<MediaLoop> media;
  std::vector<ice::ListenEntry> entries;
  uint16_t port = 0;
  // For the load of the last interval; of the loop's thread.
  Micros busy_before{0};
  Micros asked_at{0};
};

LoopPool::LoopPool(Executor control) : control_(std::move(control)) {}

Result<std::unique_ptr<LoopPool>> LoopPool::create(const EngineSettings& settings,
                                                   std::shared_ptr<const dtls::Context> dtls,
                                                   Executor control) {
  const unsigned count = std::max(1U, settings.loops);
  std::unique_ptr<LoopPool> pool(new LoopPool(std::move(control)));
  for (const dtls::Fingerprint& fingerprint : dtls->certificate().fingerprints()) {
    pool->dtls_parameters_.fingerprints.push_back(
        {static_cast<ortc::FingerprintAlgorithm>(fingerprint.algorithm), fingerprint.text()});
  }
  std::vector<IpAddress> addresses;
  for (const ListenAddress& listen : settings.listen) {
    const auto ip = ice::parse_listen_ip(listen.ip);
    if (!ip) {
      return std::unexpected(ip.error());
    }
    addresses.push_back(*ip);
  }
  pool->interconnect_ = std::make_unique<Interconnect>(
      count, settings.packets_per_loop,
      [pool = pool.get()](unsigned loop) { pool->members_[loop]->loop->wake(); });
  // One reading of the wall clock for all loops, so that they agree (rtcp::NtpClock).
  const rtcp::NtpClock ntp(
      std::chrono::duration_cast<Micros>(std::chrono::system_clock::now().time_since_epoch()),
      net::monotonic_now());
  pool->port_range_ = {settings.min_port, settings.max_port};
  for (unsigned index = 0; index < count; ++index) {
    auto member = std::make_unique<Member>();
    net::LoopSettings loop_settings;
    loop_settings.index = static_cast<uint16_t>(index);
    loop_settings.cpu = settings.pin_threads ? static_cast<int>(index) : -1;
    loop_settings.packets = settings.packets_per_loop;
    auto loop = net::Loop::create(loop_settings);
    if (!loop) {
      return std::unexpected(loop.error());
    }
    member->loop = std::move(*loop);
    const net::TcpListenerSettings tcp;
    auto sockets = net::bind_same_port_in_range(pool->ports_, addresses, pool->port_range_, {},
                                                settings.enable_tcp ? &tcp : nullptr);
    if (!sockets) {
      return std::unexpected(sockets.error());
    }
    member->port = sockets->port;
    LoopResources resources;
    for (size_t i = 0; i < settings.listen.size(); ++i) {
      resources.local_addresses.push_back(sockets->udp[i].local());
      member->entries.push_back({.protocol = ice::Protocol::kUdp,
                                 .bound = {addresses[i], sockets->port},
                                 .announced_address = settings.listen[i].announced_address,
                                 .expose_internal_ip = settings.listen[i].expose_internal_ip});
      if (auto added = member->loop->add_socket(std::move(sockets->udp[i])); !added) {
        return std::unexpected(added.error());
      }
    }
    for (size_t i = 0; i < sockets->tcp.size(); ++i) {
      member->entries.push_back({.protocol = ice::Protocol::kTcp,
                                 .bound = {addresses[i], sockets->port},
                                 .announced_address = settings.listen[i].announced_address,
                                 .expose_internal_ip = settings.listen[i].expose_internal_ip});
      if (auto added = member->loop->add_listener(std::move(sockets->tcp[i])); !added) {
        return std::unexpected(added.error());
      }
    }
    resources.index = index;
    resources.slab = &member->loop->packets();
    resources.queue = &member->loop->send_queue();
    resources.timers = &member->loop->timers();
    resources.interconnect = pool->interconnect_.get();
    resources.dtls = dtls;
    resources.ntp = ntp;
    resources.events = [pool = pool.get(), alive = std::weak_ptr(pool->alive_)](LoopEvent event) {
      pool->control_([pool, alive, event = std::move(event)] {
        if (!alive.expired()) {
          pool->dispatch(event);
        }
      });
    };
    resources.post = [pool = pool.get()](unsigned to,
                                         std::move_only_function<void(MediaLoop&)> command) {
      pool->post(to, std::move(command));
    };
    net::Loop* const raw = member->loop.get();
    resources.close_socket = [raw](uint8_t socket) { raw->remove_socket(socket); };
    resources.close_tcp = [raw](uint32_t connection) { raw->close_tcp(connection); };
    resources.authenticate_tcp = [raw](uint32_t connection) {
      raw->tcp().mark_authenticated(connection);
    };
    member->media = std::make_unique<MediaLoop>(std::move(resources));
    member->loop->set_handler(*member->media);
    pool->members_.push_back(std::move(member));
    pool->placed_.push_back(0);
    pool->sockets_.push_back(0);
  }
  for (const auto& member : pool->members_) {
    member->loop->start();
  }
  return pool;
}

LoopPool::~LoopPool() {
  alive_.reset();
  for (const auto& member : members_) {
    member->loop->stop();
  }
  // Histories hold packets of other loops' slabs: all media goes before any slab does.
  for (const auto& member : members_) {
    member->media.reset();
  }
}

void LoopPool::post(unsigned loop, std::move_only_function<void(MediaLoop&)> command) {
  Member& member = *members_[loop];
  member.loop->post([&member, command = std::move(command)]() mutable {
    member.media->set_now(member.loop->now());
    command(*member.media);
  });
}

Result<net::UdpSocket> LoopPool::bind_udp(unsigned loop, const TransportListenInfo& listen) {
  if (listen.protocol != ortc::TransportProtocol::kUdp) {
    return type_error("listenInfo.protocol is 'tcp', expected 'udp'");
  }
  const auto ip = ice::parse_listen_ip(listen.ip);
  if (!ip) {
    return std::unexpected(ip.error());
  }
  net::PortRange range = port_range_;
  if (listen.min_port != 0 && listen.max_port != 0) {
    range = {listen.min_port, listen.max_port};
  } else if (listen.port != 0) {
    range = {listen.port, listen.port};
  }
  if (sockets_[loop] >= kMaxTransportSockets) {
    return generic_error("a media loop has at most " + std::to_string(kMaxTransportSockets) +
                         " sockets of plain and pipe transports");
  }
  net::UdpSettings settings;
  settings.ipv6_only = listen.ipv6_only;
  settings.reuse_port = listen.reuse_port;
  const auto set_size = [](int& size, uint32_t wanted) {
    if (wanted != 0) {
      size = static_cast<int>(std::min(wanted, kMaxSocketBuffer));
    }
  };
  set_size(settings.send_buffer, listen.send_buffer_size);
  set_size(settings.receive_buffer, listen.receive_buffer_size);
  // A port that is to be shared is nobody's in the table.
  auto socket = listen.reuse_port && range.min == range.max
                    ? net::UdpSocket::open({*ip, range.min}, settings)
                    : net::bind_udp_in_range(ports_, *ip, range, settings);
  if (socket) {
    ++sockets_[loop];
  }
  return socket;
}

void LoopPool::post_with(
    unsigned loop, std::vector<net::UdpSocket> sockets,
    std::move_only_function<void(MediaLoop&, std::span<const uint8_t>)> command) {
  Member& member = *members_[loop];
  member.loop->post([&member, sockets = std::move(sockets),
                     command = std::move(command)]() mutable {
    std::vector<uint8_t> indices;
    for (net::UdpSocket& socket : sockets) {
      const auto added = member.loop->add_socket(std::move(socket));
      if (!added) {
        logger("net")->error("a transport has no socket: {}", added.error().message);
        std::ranges::for_each(indices, [&](uint8_t index) { member.loop->remove_socket(index); });
        return;
      }
      indices.push_back(*added);
    }
    member.media->set_now(member.loop->now());
    command(*member.media, indices);
  });
}

void LoopPool::answer(uint64_t request, Answer answer) {
  auto node = requests_.extract(request);
  if (!node.empty()) {
    node.mapped()(std::move(answer));
  }
}

void LoopPool::close() {
  closed_ = true;
  for (auto& [request, reply] : std::exchange(requests_, {})) {
    refuse(std::move(reply), closed_error("engine"));
  }
}

Error LoopPool::closed_error(const std::string& object) const {
  return closed_ ? Error{ErrorKind::kInvalidState, "the engine is closed"}
                 : Error{ErrorKind::kGeneric, object + " is closed"};
}

void LoopPool::watch(Handle handle, std::weak_ptr<Transport> transport) {
  targets_[handle] = std::move(transport);
}

void LoopPool::watch(Handle handle, std::weak_ptr<Producer> producer) {
  targets_[handle] = std::move(producer);
}

void LoopPool::watch(Handle handle, std::weak_ptr<Consumer> consumer) {
  targets_[handle] = std::move(consumer);
}

void LoopPool::watch(Handle handle, std::weak_ptr<RtpObserver> observer) {
  targets_[handle] = std::move(observer);
}

void LoopPool::watch(Handle handle, std::weak_ptr<DataConsumer> consumer) {
  targets_[handle] = std::move(consumer);
}

void LoopPool::unwatch(Handle handle) {
  targets_.erase(handle);
}

void LoopPool::dispatch(const LoopEvent& event) {
  const auto found = targets_.find(event.target);
  if (found == targets_.end()) {
    return;
  }
  // A copy: the receiver may close itself and leave the table.
  const Target target = found->second;
  const auto deliver = [&]<class Event, class Object>(const std::weak_ptr<Object>* weak,
                                                      const Event* content) {
    if (weak != nullptr && content != nullptr) {
      if (const auto object = weak->lock()) {
        object->on_event(*content);
      }
    }
  };
  deliver(std::get_if<std::weak_ptr<Transport>>(&target),
          std::get_if<TransportEvent>(&event.event));
  deliver(std::get_if<std::weak_ptr<Producer>>(&target), std::get_if<ProducerEvent>(&event.event));
  deliver(std::get_if<std::weak_ptr<Consumer>>(&target), std::get_if<ConsumerEvent>(&event.event));
  deliver(std::get_if<std::weak_ptr<RtpObserver>>(&target),
          std::get_if<ObserverEvent>(&event.event));
  deliver(std::get_if<std::weak_ptr<DataConsumer>>(&target),
          std::get_if<DataConsumerEvent>(&event.event));
}

const std::vector<ice::ListenEntry>& LoopPool::listen_entries(unsigned loop) const {
  return members_[loop]->entries;
}

unsigned LoopPool::least_loaded() const {
  return static_cast<unsigned>(std::ranges::min_element(placed_) - placed_.begin());
}

void LoopPool::query_load(std::function<void(std::vector<LoopLoad>)> done) {
  struct Gathering {
    std::vector<LoopLoad> loads;
    size_t missing;
    std::function<void(std::vector<LoopLoad>)> done;
  };
  auto gathering = std::make_shared<Gathering>(
      Gathering{std::vector<LoopLoad>(members_.size()), members_.size(), std::move(done)});
  for (unsigned index = 0; index < members_.size(); ++index) {
    Member* const member = members_[index].get();
    member->loop->post([this, member, index, gathering, alive = std::weak_ptr(alive_)] {
      const net::UdpCounters udp = member->loop->udp_counters();
      const net::LoopStats& stats = member->loop->stats();
      const Micros now = member->loop->now();
      LoopLoad load;
      load.index = index;
      load.port = member->port;
      load.transports = static_cast<uint32_t>(member->media->transport_count());
      load.packets_received = udp.datagrams_in;
      load.packets_sent = udp.datagrams_out;
      load.packets_dropped = udp.dropped_blocked + udp.dropped_error +
                             member->media->counters().slab_exhausted +
                             member->media->counters().overruns;
      load.bytes_received = udp.bytes_in;
      load.bytes_sent = udp.bytes_out;
      load.packets_in_use = static_cast<uint32_t>(member->loop->packets().in_use());
      if (now > member->asked_at) {
        load.busy = static_cast<double>((stats.busy - member->busy_before).count()) /
                    static_cast<double>((now - member->asked_at).count());
      }
      member->busy_before = stats.busy;
      member->asked_at = now;
      control_([index, load, gathering, alive] {
        gathering->loads[index] = load;
        if (--gathering->missing == 0 && !alive.expired()) {
          gathering->done(std::move(gathering->loads));
        }
      });
    });
  }
}

void LoopPool::query_udp(unsigned loop, std::function<void(const net::UdpCounters&)> done) {
  Member* const member = members_[loop].get();
  member->loop->post([this, member, done = std::move(done)]() mutable {
    control_([counters = member->loop->udp_counters(), done = std::move(done)] { done(counters); });
  });
}

}  // namespace sluice::media
