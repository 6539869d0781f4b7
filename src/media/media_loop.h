// Everything that lives on one media loop: its transports, and the fan-outs of the producers that
// have consumers here. Gets packets and commands from its thread's net::Loop, or from a test that
// plays that part with a clock of its own; reads no clock and opens no socket.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/types.h"
#include "media/data_exchange.h"
#include "media/dump.h"
#include "media/egress.h"
#include "media/interconnect.h"
#include "media/loop_event.h"
#include "media/loop_observer.h"
#include "media/loop_setup.h"
#include "media/packet_lease.h"
#include "media/settings.h"
#include "media/stats.h"
#include "net/loop_handler.h"
#include "net/packet_slab.h"
#include "net/send_queue.h"
#include "net/timer_wheel.h"
#include "protocol/dtls/context.h"
#include "protocol/dtls/fingerprint.h"
#include "protocol/dtls/session.h"
#include "protocol/ice/demux.h"
#include "protocol/ice/error_rate_limit.h"
#include "protocol/ice/server_table.h"
#include "protocol/rtcp/ntp_time.h"
#include "protocol/rtp/nack_generator.h"
#include "protocol/srtp/backend.h"
#include "protocol/srtp/key_limits.h"

namespace sluice::media {

class Fanout;
class LoopDirectTransport;
struct StreamUpdate;
struct UdpRemote;
class LoopConsumer;
class LoopProducer;
class LoopTransport;
class LoopUdpTransport;
class LoopWebRtcTransport;
class MediaLoop;
class RtpSession;

/// What the loop's surroundings provide; all of it outlives the MediaLoop.
struct LoopResources {
  unsigned index = 0;
  net::PacketSlab* slab = nullptr;
  net::SendQueue* queue = nullptr;
  net::TimerWheel* timers = nullptr;
  Interconnect* interconnect = nullptr;
  std::shared_ptr<const dtls::Context> dtls;
  rtcp::NtpClock ntp{Micros{0}, Micros{0}};
  srtp::KeyLimits key_limits;
  EventSink events;
  /// Runs a command on another loop.
  std::function<void(unsigned loop, std::move_only_function<void(MediaLoop&)>)> post;
  /// Closes a TCP connection of this loop, or marks it as belonging to somebody.
  std::function<void(uint32_t connection)> close_tcp;
  std::function<void(uint32_t connection)> authenticate_tcp;
  /// Closes a UDP socket that came with a transport, at the end of the turn.
  std::function<void(uint8_t socket)> close_socket;
  /// What the sockets that WebRTC transports share are bound to, by index.
  std::vector<SocketAddress> local_addresses;
};

class MediaLoop final : public net::LoopHandler {
 public:
  struct Counters {
    uint64_t stun = 0, dtls = 0, rtp = 0, rtcp = 0, sctp = 0;
    uint64_t unknown_class = 0;  ///< neither of them
    uint64_t unknown_tuple = 0;  ///< not STUN, from an address that passed no check
    uint64_t unknown_ufrag = 0;  ///< STUN for nobody here
    uint64_t malformed_stun = 0;
    uint64_t slab_exhausted = 0;  ///< media dropped for lack of buffers
    uint64_t overruns = 0;        ///< packets lost because another loop was too slow
  };

  explicit MediaLoop(LoopResources resources);
  ~MediaLoop() override;
  MediaLoop(const MediaLoop&) = delete;
  MediaLoop& operator=(const MediaLoop&) = delete;

  /// The time of what happens next; set by the owner before commands.
  void set_now(Micros now) { now_ = now; }

  // From the network.
  void on_datagrams(std::span<net::Datagram> datagrams, Micros now) override;
  void on_tcp_opened(uint32_t connection, const SocketAddress& remote, const SocketAddress& local,
                     Micros now) override;
  void on_tcp_frame(uint32_t connection, MutableBytes frame, Micros now) override;
  void on_tcp_closed(uint32_t connection, net::TcpCloseReason reason, Micros now) override;
  void on_turn(Micros now) override;
  void on_timers(Micros now) override;

  // Commands of the control thread (media_loop_commands.cc). Unknown handles are ignored: their
  // object is gone already.
  void add_transport(const WebRtcSetup& setup);
  void add_transport(const UdpSetup& setup);
  void add_transport(const DirectSetup& setup);
  void remove_transport(Handle transport);
  void connect_transport(Handle transport, dtls::Role remote_role,
                         const std::vector<dtls::Fingerprint>& fingerprints);
  void restart_ice(Handle transport, const ice::Credentials& fresh);
  void connect_transport(Handle transport, const UdpRemote& remote);
  /// A direct transport gets a packet of the application.
  void inject(Handle transport, Bytes packet);
  /// The application has taken what a direct transport delivered.
  void direct_taken(Handle transport);
  void set_bitrate_limits(Handle transport, const BitrateLimits& limits);
  /// What a transport, producer or consumer traces.
  void set_traces(Handle object, TraceSet traces);
  void add_producer(const ProducerSetup& setup);
  void remove_producer(Handle producer);
  void set_producer_paused(Handle producer, bool paused);
  /// Another loop has its first consumer of this producer, or no longer any.
  void set_remote_loop(Handle producer, unsigned loop, bool wanted);
  void add_consumer(const ConsumerSetup& setup);
  void remove_consumer(Handle consumer);
  void set_consumer_paused(Handle consumer, bool paused);
  void set_consumer_producer_paused(Handle consumer, bool paused);
  void set_consumer_preferred_layers(Handle consumer, codecs::Layers layers);
  void set_consumer_priority(Handle consumer, uint8_t priority);
  void request_consumer_key_frame(Handle consumer);
  [[nodiscard]] TransportStats transport_stats(Handle transport);
  [[nodiscard]] std::vector<RtpStreamStats> producer_stats(Handle producer);
  [[nodiscard]] std::vector<RtpStreamStats> consumer_stats(Handle consumer);
  [[nodiscard]] TransportDump transport_dump(Handle transport);
  [[nodiscard]] std::vector<RtpStreamDump> producer_dump(Handle producer);
  [[nodiscard]] ConsumerDump consumer_dump(Handle consumer);

  // From other loops.
  void request_producer_key_frame(Handle producer, std::optional<uint8_t> stream);
  void update_streams(Handle producer, std::span<const StreamUpdate> updates);
  void report_consumer_loss(Handle producer, unsigned loop, uint8_t fraction);

  /// Data producers and data consumers, with commands of their own.
  DataExchange& data() { return data_; }

  // For the objects on this loop.
  LoopObservers& observers() { return observers_; }
  /// Null when it is not, or no longer, on this loop.
  LoopProducer* producer(Handle handle);
  [[nodiscard]] unsigned index() const { return resources_.index; }
  [[nodiscard]] Micros now() const { return now_; }
  Egress& egress() { return egress_; }
  PacketHome& home() { return home_; }
  net::TimerWheel& timers() { return *resources_.timers; }
  srtp::Backend& crypto() { return *crypto_; }
  ice::ErrorRateLimit& stun_errors() { return stun_errors_; }
  ice::ServerTable& table() { return table_; }
  [[nodiscard]] const rtcp::NtpClock& ntp() const { return resources_.ntp; }
  LoopResources& resources() { return resources_; }
  rtp::NackRequest& nack_scratch() { return nack_scratch_; }
  /// For whoever needs a list of numbers for the length of a call.
  std::vector<SeqNum>& sequence_scratch() { return sequence_scratch_; }
  void emit(Handle target, TransportEvent event);
  void emit(Handle target, ProducerEvent event);
  void emit(Handle target, ConsumerEvent event);
  void emit(Handle target, DataConsumerEvent event);
  void emit(Handle target, ObserverEvent event);
  void count_overrun() { ++counters_.overruns; }
  void count_slab_exhausted() { ++counters_.slab_exhausted; }
  /// A transport gives its index in `table` back, or a socket of its own.
  void release_index(uint32_t index);
  void release_socket(uint8_t socket);
  void release_direct(LoopDirectTransport& transport) { std::erase(direct_, &transport); }
  /// The fan-out has packets to hand on before the current call of the loop's owner ends.
  void add_waiting(Fanout& fanout) { waiting_.push_back(&fanout); }
  /// A consumer on this loop needs a key frame of the fan-out's producer, wherever that lives.
  void request_key_frame(Fanout& fanout, std::optional<uint8_t> stream, Micros now);
  /// Something about streams of a producer on this loop changed: all loops that have consumers of
  /// it are told.
  void publish_streams(Fanout& fanout, std::vector<StreamUpdate> updates);
  void consumer_loss_changed(Fanout& fanout);
  /// The session's `finish_turn` is called at the end of this turn.
  void finish_turn_with(RtpSession& session) { finishing_.push_back(&session); }
  /// The session ends: its producers and consumers leave the loop with it.
  void remove_session(RtpSession& session);

  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] size_t transport_count() const { return transports_.size(); }
  [[nodiscard]] size_t fanout_count() const { return fanouts_.size(); }

 private:
  struct TcpPeer {
    SocketAddress remote, local;
  };

  void on_packet(MutableBytes packet, const ice::Tuple& from, Micros now);
  void count(ice::PacketClass kind);
  void on_stun(Bytes packet, const ice::Tuple& from, Micros now);
  LoopTransport* transport(Handle handle);
  /// The transport of that handle; null when there is none, or not of that kind.
  template <class T>
  T* transport_as(Handle handle) {
    return dynamic_cast<T*>(transport(handle));
  }
  LoopConsumer* consumer(Handle handle);
  Fanout& fanout(Handle producer, unsigned producer_loop, bool video,
                 const std::vector<layers::LayerRates::Options>& streams);
  void release_fanout(Handle producer);
  void receive_from_loops(Micros now);
  void finish_sessions(Micros now);
  void flush_waiting(Micros now);

  LoopResources resources_;
  Micros now_{0};
  PacketHome home_;
  std::unique_ptr<srtp::Backend> crypto_;
  Egress egress_;
  ice::ErrorRateLimit stun_errors_;
  ice::ServerTable table_;
  DataExchange data_;
  rtp::NackRequest nack_scratch_;
  std::vector<SeqNum> sequence_scratch_;

  std::unordered_map<Handle, std::unique_ptr<LoopTransport>> transports_;
  std::vector<LoopWebRtcTransport*> webrtc_;  ///< by index in `table_`, null where free
  std::vector<uint32_t> free_indices_;
  std::vector<LoopDirectTransport*> direct_;
  std::array<LoopUdpTransport*, net::kNoSocket> socket_owners_{};  ///< by socket; null if shared
  struct Place {
    RtpSession* session;
    LoopProducer* producer;
    LoopConsumer* consumer;
  };
  std::unordered_map<Handle, Place> places_;  ///< of producers and consumers
  std::unordered_map<Handle, std::unique_ptr<Fanout>> fanouts_;
  LoopObservers observers_;
  std::vector<RtpSession*> finishing_;  ///< with something to do at the end of the turn
  std::vector<Fanout*> waiting_;        ///< with packets to hand on
  std::unordered_map<uint32_t, TcpPeer> tcp_peers_;
  Micros next_refresh_{0};
  Counters counters_;
};

}  // namespace sluice::media
