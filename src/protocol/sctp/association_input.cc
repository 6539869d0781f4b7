// What packets of the peer do to an association (RFC 9260 sections 5, 6, 8.4, 8.5, 9).
#include <algorithm>
#include <array>
#include <utility>

#include "protocol/sctp/association.h"
#include "protocol/sctp/error_cause.h"
#include "protocol/sctp/wire.h"

namespace sluice::sctp {
namespace {

// Of causes that wait to be sent, and of a HEARTBEAT to be answered. Both fit any packet.
constexpr size_t kMaxErrors = 256;
constexpr size_t kMaxHeartbeat = 512;

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace

void Association::on_packet(Bytes datagram, Micros now) {
  if (state_ == State::kNew) {
    return;
  }
  const auto packet = PacketView::parse(datagram);
  if (!packet || packet->source_port() != kPort || packet->destination_port() != kPort) {
    ++stats_.bad_packets;
    return;
  }
  ChunkReader chunks = packet->chunks();
  std::optional<ChunkView> chunk = chunks.next();
  if (answer_stray(*packet, *chunk)) {
    return;
  }
  if (!belongs(*packet, *chunk)) {
    ++stats_.foreign_packets;
    return;
  }
  ++stats_.packets_received;
  stats_.bytes_received += datagram.size();
  for (bool first = true; chunk; chunk = chunks.next(), first = false) {
    if (!on_chunk(*chunk, *packet, first, now)) {
      break;
    }
  }
  if (link_) {
    link_->receiver.end_packet(now);
    pump(now);
  }
}

// Verification tags (RFC 9260 section 8.5).
bool Association::belongs(const PacketView& packet, const ChunkView& first) const {
  const uint32_t tag = packet.verification_tag();
  if (state_ != State::kConnecting && state_ != State::kConnected) {
    return false;
  }
  if (first.type == chunk::kInit) {
    ChunkReader chunks = packet.chunks();
    chunks.next();
    return tag == 0 && !chunks.next();
  }
  if (first.type == chunk::kCookieEcho) {
    return true;  // the tag is the cookie's, which is judged with the cookie
  }
  const bool may_reflect = first.type == chunk::kAbort || first.type == chunk::kShutdownComplete;
  if (may_reflect && (first.flags & kReflectedTag) != 0) {
    return handshake_.peer_tag() != 0 && tag == handshake_.peer_tag();
  }
  return tag == handshake_.local_tag();
}

// A peer that waits for the end of an association which is over for us (RFC 9260 section 8.5.1 E).
bool Association::answer_stray(const PacketView& packet, const ChunkView& first) {
  if (first.type != chunk::kShutdownAck || link_) {
    return false;
  }
  ++stats_.foreign_packets;
  final_ = Final{
      .tag = packet.verification_tag(), .type = chunk::kShutdownComplete, .flags = kReflectedTag};
  return true;
}

bool Association::bad_chunk() {
  ++stats_.bad_chunks;
  return false;
}

bool Association::on_chunk(const ChunkView& chunk, const PacketView& packet, bool first,
                           Micros now) {
  switch (chunk.type) {
    case chunk::kInit: {
      const auto init = first ? InitChunk::parse(chunk.value) : std::nullopt;
      if (!init) {
        return bad_chunk();
      }
      if (teardown_.state() == Teardown::State::kAckSent) {
        teardown_.repeat();
      } else {
        handshake_.on_init(*init, now);
      }
      return true;
    }
    case chunk::kInitAck: {
      const auto init = first ? InitChunk::parse(chunk.value) : std::nullopt;
      if (!init) {
        return bad_chunk();
      }
      handshake_.on_init_ack(*init, now);
      check_handshake();
      return false;
    }
    case chunk::kCookieEcho:
      return first ? on_cookie_echo(chunk, packet.verification_tag(), now) : bad_chunk();
    case chunk::kCookieAck:
      if (handshake_.on_cookie_ack()) {
        establish(false, now);
      }
      return true;
    case chunk::kAbort:
      end("aborted by the peer: " + describe_causes(chunk.value));
      return false;
    case chunk::kError:
      if (first_cause(chunk.value) == cause::kStaleCookie) {
        handshake_.on_stale_cookie(now);
        check_handshake();
      }
      return state_ != State::kFailed;
    default:
      return link_ ? on_link_chunk(chunk, now) : bad_chunk();
  }
}

// Chunks of an association that is up.
bool Association::on_link_chunk(const ChunkView& chunk, Micros now) {
  switch (chunk.type) {
    case chunk::kData:
      return on_data(chunk);
    case chunk::kSack:
      return on_sack(chunk, now);
    case chunk::kHeartbeat:
      if (chunk.value.size() <= kMaxHeartbeat) {
        heartbeat_ack_.emplace(chunk.value.begin(), chunk.value.end());
      }
      return true;
    case chunk::kHeartbeatAck:
      if (const auto rtt = link_->heartbeat.on_ack(chunk.value, now)) {
        link_->rto.on_sample(*rtt);
        on_alive(now);
      }
      return true;
    case chunk::kShutdown:
      return on_shutdown(chunk, now);
    case chunk::kShutdownAck:
      if (teardown_.on_shutdown_ack()) {
        const uint32_t tag = handshake_.peer_tag();
        end("shut down");
        final_ = Final{.tag = tag, .type = chunk::kShutdownComplete};
      }
      return link_.has_value();
    case chunk::kShutdownComplete:
      if (teardown_.on_complete()) {
        end("shut down by the peer");
      }
      return link_.has_value();
    case chunk::kReconfig:
      return on_reconfig(chunk, now);
    case chunk::kForwardTsn:
      return on_forward_tsn(chunk);
    default:
      return on_unknown(chunk);
  }
}

bool Association::on_unknown(const ChunkView& chunk) {
  ++stats_.unknown_chunks;
  const UnknownRule rule = unknown_chunk_rule(chunk.type);
  if (rule.report) {
    report_error(error_cause(cause::kUnrecognizedChunk, chunk.whole));
  }
  return rule.skip;
}

void Association::report_error(std::vector<uint8_t> error) {
  const size_t start = padded(errors_.size());
  if (start + error.size() <= kMaxErrors) {
    errors_.resize(start);
    errors_.insert(errors_.end(), error.begin(), error.end());
  }
}

// --- setting up ---------------------------------------------------------------------------------

void Association::check_handshake() {
  if (state_ == State::kConnecting && handshake_.state() == Handshake::State::kFailed) {
    end(std::string(handshake_.failure()));
  }
}

bool Association::on_cookie_echo(const ChunkView& chunk, uint32_t tag, Micros now) {
  if (teardown_.state() == Teardown::State::kAckSent) {
    report_error(error_cause(cause::kCookieWhileShuttingDown));
    teardown_.repeat();
    return false;
  }
  switch (handshake_.on_cookie_echo(chunk.value, tag, now)) {
    case Handshake::CookieResult::kRefused:
      return false;
    case Handshake::CookieResult::kConfirmed:
      break;
    case Handshake::CookieResult::kEstablished:
      establish(false, now);
      break;
    case Handshake::CookieResult::kRestarted:
      establish(true, now);
      break;
  }
  cookie_ack_due_ = true;
  return true;
}

// --- data ---------------------------------------------------------------------------------------

bool Association::on_data(const ChunkView& chunk) {
  const auto data = DataChunk::parse(chunk);
  if (!data || !teardown_.takes_data()) {
    return bad_chunk();
  }
  if (data->payload.empty()) {
    end("protocol violation by the peer: DATA without data",
        error_cause_u32(cause::kNoUserData, data->tsn));
    return false;
  }
  if (link_->reconfiguration.holds_back(data->stream, data->tsn)) {
    return true;  // it comes again
  }
  teardown_.on_data();
  switch (link_->receiver.on_data(*data)) {
    case Receiver::DataResult::kTaken:
      pairing_.on_use(data->stream);
      break;
    case Receiver::DataResult::kDropped:
      break;
    case Receiver::DataResult::kInvalidStream: {
      ++stats_.invalid_streams;
      report_error(error_cause_u32(cause::kInvalidStream, uint32_t{data->stream} << 16));
      break;
    }
    case Receiver::DataResult::kOverrun:
      end("the peer sent more than there was room for", error_cause(cause::kOutOfResource));
      return false;
  }
  return true;
}

bool Association::on_sack(const ChunkView& chunk, Micros now) {
  const auto sack = SackChunk::parse(chunk.value);
  if (!sack) {
    return bad_chunk();
  }
  if (link_->sender.on_sack(*sack, now) == Sender::SackResult::kProgress) {
    on_alive(now);
  }
  return true;
}

bool Association::on_forward_tsn(const ChunkView& chunk) {
  const auto forward = ForwardTsnChunk::parse(chunk.value);
  if (!forward || !teardown_.takes_data()) {
    return bad_chunk();
  }
  link_->receiver.on_forward_tsn(*forward);
  return true;
}

bool Association::on_shutdown(const ChunkView& chunk, Micros now) {
  if (chunk.value.size() != 4) {
    return bad_chunk();
  }
  if (link_->sender.on_cumulative(load_be32(chunk.value.data()), now) ==
      Sender::SackResult::kProgress) {
    on_alive(now);
  }
  teardown_.on_shutdown();
  return true;
}

// --- what came of it ----------------------------------------------------------------------------

void Association::pump(Micros now) {
  Receiver& receiver = link_->receiver;
  while (auto message = receiver.pop()) {
    if (message->too_large) {
      ++stats_.oversized_messages;
      events_.emplace_back(MessageTooLarge{message->stream});
      continue;
    }
    untaken_ += message->payload.size() + Reassembly::kOverhead;
    events_.emplace_back(Message{message->stream, message->ppid, std::move(message->payload)});
  }
  receiver.set_untaken(untaken_);
  link_->reconfiguration.on_cumulative(static_cast<uint32_t>(receiver.cumulative()));
  while (const auto action = link_->reconfiguration.poll_action()) {
    std::visit(Overloaded{
                   [&](const PeerReset& reset) { on_peer_reset(reset, now); },
                   [&](const PeerWantsReset& wish) { on_peer_wants_reset(wish, now); },
                   [&](const OwnResetDone& done) { on_own_reset_done(done); },
                   [&](const OwnStreamsDone& done) { on_own_streams_done(done); },
                   [&](const PeerAddsStreams&) {
                     receiver.set_stream_count(link_->reconfiguration.incoming_streams());
                   },
               },
               *action);
  }
  collect_resets();
  report_low_amounts();
}

bool Association::on_reconfig(const ChunkView& chunk, Micros now) {
  if (!link_->extensions.reconfig) {
    return bad_chunk();
  }
  pump(now);  // messages of before the request
  ReconfigReader parameters(chunk.value);
  if (link_->reconfiguration.on_chunk(parameters,
                                      static_cast<uint32_t>(link_->receiver.cumulative()))) {
    on_alive(now);
  }
  if (!parameters.unrecognized().empty()) {
    report_error(error_cause(cause::kUnrecognizedParameters, parameters.unrecognized()));
  }
  pump(now);
  return true;
}

void Association::on_peer_reset(const PeerReset& reset, Micros now) {
  if (reset.streams.empty()) {
    link_->receiver.reset_all();
  }
  for (const uint16_t stream : reset.streams) {
    link_->receiver.reset(stream);
  }
  events_.emplace_back(PeerStreamsReset{reset.streams});
  if (!options_.data_channels) {
    return;
  }
  for (const uint16_t stream : reset.streams.empty() ? queue_.streams() : reset.streams) {
    if (stream < link_->reconfiguration.outgoing_streams() && pairing_.on_peer_reset(stream, now)) {
      queue_.push_reset(stream);
    }
  }
}

void Association::on_peer_wants_reset(const PeerWantsReset& wish, Micros now) {
  for (const uint16_t stream : wish.streams.empty() ? queue_.streams() : wish.streams) {
    if (stream < link_->reconfiguration.outgoing_streams()) {
      reset_own(stream, now);
    }
  }
}

void Association::on_own_reset_done(const OwnResetDone& done) {
  for (const uint16_t stream : done.streams) {
    queue_.finish_reset(stream, done.performed);
    if (!done.performed) {
      pairing_.on_use(stream);  // it may be tried again
    }
  }
  events_.emplace_back(StreamsReset{done.streams, done.performed});
}

void Association::on_own_streams_done(const OwnStreamsDone& done) {
  const uint16_t count = link_->reconfiguration.outgoing_streams();
  if (done.performed) {
    queue_.set_stream_count(count);
    events_.emplace_back(StreamsAdded{count});
  } else {
    streams_refused_ = true;
    queue_.drop_unavailable();
    events_.emplace_back(StreamsRefused{count});
  }
}

}  // namespace sluice::sctp
