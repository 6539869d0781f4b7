#include "protocol/sctp/association.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/sctp/error_cause.h"
#include "protocol/sctp/wire.h"

namespace sluice::sctp {
namespace {

constexpr int kMaxFailures = 10;  // Association.Max.Retrans
constexpr uint16_t kStreamStep = 32;

// Limits of the packet size: the smallest has room for every chunk we write, the largest is what a
// chunk's length can say.
constexpr size_t kMinPacketSize = 600;
constexpr size_t kMaxPacketSize = 65000;

// What the receive buffer needs besides one largest message.
constexpr size_t kReceiveSlack = 64 * 1024;

Options checked(Options options) {
  options.max_packet_size = std::clamp(options.max_packet_size, kMinPacketSize, kMaxPacketSize);
  options.outgoing_streams = std::max<uint16_t>(options.outgoing_streams, 1);
  options.incoming_streams = std::max<uint16_t>(options.incoming_streams, 1);
  options.receive_buffer_size = std::min<size_t>(
      UINT32_MAX,
      std::max(options.receive_buffer_size, options.max_receive_message_size + kReceiveSlack));
  return options;
}

Handshake::Setup handshake_setup(const Options& options) {
  return {.window = static_cast<uint32_t>(options.receive_buffer_size),
          .outgoing_streams = options.outgoing_streams,
          .incoming_streams = options.incoming_streams,
          .packet_size = options.max_packet_size};
}

}  // namespace

const char* to_string(State state) {
  static constexpr std::array<const char*, 5> kNames = {"new", "connecting", "connected", "failed",
                                                        "closed"};
  return kNames[static_cast<size_t>(state)];
}

Association::Link::Link(SendQueue& queue, BufferedAmounts& amounts, const Handshake& handshake,
                        const Options& options, Micros now)
    : extensions(handshake.peering().extensions),
      sender(queue, amounts, rto,
             {.initial_tsn = handshake.peering().local.initial_tsn,
              .peer_window = handshake.peering().peer.window,
              .packet_size = options.max_packet_size}),
      receiver({.peer_initial_tsn = handshake.peering().peer.initial_tsn,
                .stream_count = handshake.peering().incoming_streams(),
                .max_message_size = options.max_receive_message_size,
                .window = options.receive_buffer_size}),
      reconfiguration({.own_initial_tsn = handshake.peering().local.initial_tsn,
                       .peer_initial_tsn = handshake.peering().peer.initial_tsn,
                       .incoming_streams = handshake.peering().incoming_streams(),
                       .outgoing_streams = handshake.peering().outgoing_streams()}),
      heartbeat(now) {
  if (handshake.rtt()) {
    rto.on_sample(*handshake.rtt());
  }
}

Association::Association(const Options& options, const Identity& identity)
    : options_(checked(options)),
      handshake_(identity, handshake_setup(options_)),
      queue_(amounts_),
      buffer_(options_.max_packet_size) {}

// --- life
// -----------------------------------------------------------------------------------------

void Association::connect(Micros now) {
  if (state_ == State::kNew) {
    state_ = State::kConnecting;
    handshake_.start(now);
  }
}

void Association::establish(bool restarted, Micros now) {
  drop_link();
  queue_.restart();
  ready_resets_.clear();
  teardown_ = {};
  pairing_ = {};
  streams_refused_ = false;
  heartbeat_ack_.reset();
  errors_.clear();
  link_.emplace(queue_, amounts_, handshake_, options_, now);
  link_->receiver.set_untaken(untaken_);
  const uint16_t outgoing = link_->reconfiguration.outgoing_streams();
  const uint16_t incoming = link_->reconfiguration.incoming_streams();
  queue_.set_stream_count(outgoing);
  if (restarted) {
    events_.emplace_back(Restarted{outgoing, incoming});
  } else {
    state_ = State::kConnected;
    events_.emplace_back(Connected{outgoing, incoming});
  }
}

void Association::drop_link() {
  if (!link_) {
    return;
  }
  link_->sender.discard();
  stats_ = stats();
  stats_.messages_abandoned -= queue_.expired_count();  // it stays, and adds them again
  link_.reset();
}

void Association::end(std::string reason, std::optional<std::vector<uint8_t>> abort) {
  if (abort && handshake_.peer_tag() != 0) {
    final_ = Final{.tag = handshake_.peer_tag(), .type = chunk::kAbort, .value = std::move(*abort)};
  }
  handshake_.stop();
  drop_link();
  queue_.clear();
  report_low_amounts();
  if (state_ == State::kConnecting) {
    state_ = State::kFailed;
    events_.emplace_back(Failed{std::move(reason)});
  } else {
    state_ = State::kClosed;
    events_.emplace_back(Closed{std::move(reason)});
  }
}

void Association::shutdown() {
  if (state_ == State::kConnected) {
    teardown_.request();
  } else {
    close();
  }
}

void Association::close() {
  if (state_ == State::kFailed || state_ == State::kClosed) {
    return;
  }
  const size_t before = events_.size();
  end({}, error_cause(cause::kUserAbort));
  events_.resize(before);
  state_ = State::kClosed;
}

void Association::on_alive(Micros now) {
  link_->failures = 0;
  link_->heartbeat.on_alive(now);
}

void Association::on_failure() {
  if (++link_->failures > kMaxFailures) {
    end("the peer does not answer any more");
  }
}

// --- time
// -----------------------------------------------------------------------------------------

std::optional<Micros> Association::next_timeout() const {
  if (state_ != State::kConnecting && state_ != State::kConnected) {
    return std::nullopt;
  }
  std::optional<Micros> next = handshake_.next_timeout();
  if (link_) {
    for (const auto timeout : {link_->sender.next_timeout(), link_->receiver.next_timeout(),
                               link_->reconfiguration.next_timeout(),
                               link_->heartbeat.next_timeout(), teardown_.next_timeout()}) {
      next = earliest(next, timeout);
    }
  }
  return next;
}

void Association::on_timeout(Micros now) {
  if (state_ == State::kConnecting) {
    handshake_.on_timeout(now);
    check_handshake();
    return;
  }
  if (!link_) {
    return;
  }
  link_->receiver.on_timeout(now);
  const std::array<bool, 4> failures = {
      link_->sender.on_timeout(now), link_->reconfiguration.on_timeout(now),
      link_->heartbeat.on_timeout(now), teardown_.on_timeout(now)};
  for (const bool failed : failures) {
    if (failed && link_) {
      on_failure();
    }
  }
  report_low_amounts();
}

// --- output
// ---------------------------------------------------------------------------------------

std::optional<Bytes> Association::poll_transmit(Micros now) {
  std::optional<Bytes> packet;
  if (final_) {
    packet = write_final();
  } else if (!(packet = handshake_.poll_transmit(buffer_)) && link_) {
    packet = write_link(now);
  }
  if (packet) {
    ++stats_.packets_sent;
    stats_.bytes_sent += packet->size();
  }
  return packet;
}

std::optional<Bytes> Association::write_final() {
  PacketBuilder packet(buffer_, final_->tag);
  packet.add(final_->type, final_->flags, final_->value);
  final_.reset();
  return packet.finish();
}

std::optional<Bytes> Association::write_link(Micros now) {
  teardown_.advance(link_->sender.idle());
  PacketBuilder packet(buffer_, handshake_.peer_tag());
  write_control(packet, now);
  link_->sender.write_data(packet, now);
  collect_resets();
  report_low_amounts();
  if (packet.empty()) {
    link_->sender.end_burst();
    return std::nullopt;
  }
  return packet.finish();
}

// Control chunks come before DATA (RFC 9260 section 6.10). What does not fit waits for the next
// packet.
void Association::write_control(PacketBuilder& packet, Micros now) {
  if (cookie_ack_due_ && packet.add(chunk::kCookieAck, 0, Bytes{})) {
    cookie_ack_due_ = false;
  }
  if (heartbeat_ack_ && packet.add(chunk::kHeartbeatAck, 0, *heartbeat_ack_)) {
    heartbeat_ack_.reset();
  }
  if (!errors_.empty() && packet.add(chunk::kError, 0, errors_)) {
    errors_.clear();
  }
  Receiver& receiver = link_->receiver;
  // An acknowledgement that can wait goes along with DATA.
  if (receiver.ack_due() || (receiver.ack_pending() && link_->sender.ready(now))) {
    receiver.write_sack(packet);
  }
  const Micros rto = link_->rto.value();
  link_->sender.write_forward_tsn(packet, now);
  link_->reconfiguration.write(packet, static_cast<uint32_t>(link_->sender.flight().cumulative()),
                               rto, now);
  link_->heartbeat.write(packet, rto, now);
  teardown_.write(packet, static_cast<uint32_t>(receiver.cumulative()), rto, now);
}

std::optional<Event> Association::poll_event() {
  if (events_.empty()) {
    return std::nullopt;
  }
  Event event = std::move(events_.front());
  events_.pop_front();
  if (const auto* message = std::get_if<Message>(&event)) {
    untaken_ -= message->payload.size() + Reassembly::kOverhead;
    if (link_) {
      link_->receiver.set_untaken(untaken_);
    }
    ++stats_.messages_received;
    stats_.payload_received += message->payload.size();
  }
  return event;
}

void Association::report_low_amounts() {
  for (const BufferedAmounts::Low& low : amounts_.take_low()) {
    if (low.stream) {
      events_.emplace_back(BufferedAmountLow{*low.stream, low.amount});
    } else {
      events_.emplace_back(TotalBufferedAmountLow{low.amount});
    }
  }
}

// --- sending
// --------------------------------------------------------------------------------------

SendResult Association::send(uint16_t stream, uint32_t ppid, Bytes payload,
                             const Reliability& reliability, Micros now) {
  if (state_ != State::kConnected || teardown_.state() != Teardown::State::kNone) {
    return SendResult::kNotConnected;
  }
  if (payload.size() > options_.max_send_message_size) {
    return SendResult::kTooLarge;
  }
  if (!can_send_on(stream)) {
    return SendResult::kInvalidStream;
  }
  if (!has_room(payload.size())) {
    queue_.drop_expired(now);
    report_low_amounts();
    if (!has_room(payload.size())) {
      return SendResult::kBufferFull;
    }
  }
  WirePayload wire = to_wire(ppid, payload);
  OutgoingMessage message{.stream = stream,
                          .unordered = !reliability.ordered,
                          .ppid = wire.ppid,
                          .payload = std::move(wire.bytes)};
  if (link_->extensions.forward_tsn) {
    message.max_retransmits = reliability.max_retransmits;
    if (reliability.max_packet_life_time) {
      message.expires_at = now + *reliability.max_packet_life_time;
    }
  }
  amounts_.add(stream, message.payload.size());
  queue_.push(std::move(message));
  pairing_.on_use(stream);
  ++stats_.messages_sent;
  stats_.payload_sent += payload.size();
  return SendResult::kAccepted;
}

bool Association::can_send_on(uint16_t stream) {
  Reconfiguration& reconfiguration = link_->reconfiguration;
  if (stream < reconfiguration.outgoing_streams()) {
    return true;
  }
  if (stream > kMaxStream || !link_->extensions.reconfig || streams_refused_) {
    return false;
  }
  const size_t missing = size_t{stream} + 1 - reconfiguration.outgoing_streams();
  const size_t steps = (missing + kStreamStep - 1) / kStreamStep;
  reconfiguration.want_outgoing_streams(static_cast<uint16_t>(
      std::min<size_t>(UINT16_MAX, reconfiguration.outgoing_streams() + steps * kStreamStep)));
  return true;
}

bool Association::has_room(size_t payload) const {
  const size_t used = amounts_.total() + queue_.surcharge() + link_->sender.flight().surcharge();
  return used == 0 ||
         used + std::max(payload, OutgoingMessage::kMinCharge) <= options_.send_buffer_size;
}

void Association::open_stream(uint16_t stream) {
  pairing_.on_use(stream);
}

void Association::reset_streams(std::span<const uint16_t> streams, Micros now) {
  if (state_ != State::kConnected) {
    return;
  }
  StreamsReset already{.streams = {}, .performed = true};
  for (const uint16_t stream : streams) {
    if (stream < link_->reconfiguration.outgoing_streams() && !reset_own(stream, now)) {
      already.streams.push_back(stream);
    }
  }
  if (!already.streams.empty()) {
    events_.emplace_back(std::move(already));
  }
  collect_resets();
}

bool Association::reset_own(uint16_t stream, Micros now) {
  const bool needed = pairing_.on_own_reset(stream, now);
  if (needed) {
    queue_.push_reset(stream);
  }
  return needed;
}

void Association::ask_reset(std::span<const uint16_t> streams) {
  if (state_ != State::kConnected || !link_->extensions.reconfig) {
    return;
  }
  for (const uint16_t stream : streams) {
    if (stream < link_->reconfiguration.incoming_streams()) {
      link_->reconfiguration.want_incoming_reset(stream);
    }
  }
}

// Resets that have come to the head of their queues become requests when the peer has acknowledged
// what was sent before them. It would do to name the last TSN in the request and let the peer wait;
// but usrsctp then holds back the data of all streams, and may not notice when the wait is over.
void Association::collect_resets() {
  if (!link_) {
    return;
  }
  if (const auto last_tsn = link_->sender.last_tsn()) {
    for (const uint16_t stream : queue_.take_ready_resets()) {
      ready_resets_.push_back({.last_tsn = *last_tsn, .stream = stream});
    }
  }
  while (!ready_resets_.empty() &&
         ready_resets_.front().last_tsn <= link_->sender.flight().cumulative()) {
    const uint16_t stream = ready_resets_.front().stream;
    ready_resets_.pop_front();
    if (link_->extensions.reconfig) {
      link_->reconfiguration.want_outgoing_reset(stream);
    } else {
      events_.emplace_back(StreamsReset{{stream}, false});
      queue_.finish_reset(stream, false);
    }
  }
}

// --- views
// ----------------------------------------------------------------------------------------

uint16_t Association::outgoing_streams() const {
  return link_ ? link_->reconfiguration.outgoing_streams() : uint16_t{0};
}

Stats Association::stats() const {
  Stats stats = stats_;
  stats.bad_cookies = handshake_.bad_cookies();
  stats.messages_abandoned += queue_.expired_count();
  if (!link_) {
    return stats;
  }
  const Sender::Counters& out = link_->sender.counters();
  stats.chunks_sent += out.chunks;
  stats.fast_retransmits += out.fast_retransmits;
  stats.timeout_retransmits += out.timeout_retransmits;
  stats.timeouts += out.timeouts;
  stats.messages_abandoned += link_->sender.flight().abandoned_count();
  const Receiver::Counters& in = link_->receiver.counters();
  stats.chunks_received += in.chunks;
  stats.duplicates += in.duplicates;
  stats.refused_chunks += in.refused;
  stats.dcep_ignored += link_->receiver.dcep_ignored();
  stats.rtt = link_->rto.smoothed();
  stats.rto = link_->rto.value();
  stats.congestion_window = link_->sender.congestion_window();
  stats.in_flight = link_->sender.flight().bytes();
  stats.peer_window = link_->sender.peer_window();
  stats.receive_window = link_->receiver.window();
  return stats;
}

}  // namespace sluice::sctp
