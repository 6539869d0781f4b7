#include "protocol/sctp/reconfiguration.h"

#include <algorithm>
#include <utility>

#include "protocol/sctp/rto.h"

namespace sluice::sctp {
namespace {

// Fits a packet of any size that the options allow.
constexpr size_t kMaxStreamsPerRequest = 256;

// A chunk of the peer holds at most two requests (RFC 6525 section 3.1), so these are the last two
// chunks.
constexpr size_t kResultsKept = 4;
constexpr size_t kMaxResponses = 8;

// Answers "busy, ask again" before we give up.
constexpr int kMaxAttempts = 10;

// Up to kMaxStreamsPerRequest streams leave `from`.
std::vector<uint16_t> take_streams(std::set<uint16_t>& from) {
  auto end = from.begin();
  std::advance(end, std::min(from.size(), kMaxStreamsPerRequest));
  std::vector<uint16_t> streams(from.begin(), end);
  from.erase(from.begin(), end);
  return streams;
}

// Nothing when one of the streams does not exist.
std::optional<std::vector<uint16_t>> read_streams(const StreamList& list, uint16_t count) {
  std::vector<uint16_t> streams;
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] >= count) {
      return std::nullopt;
    }
    streams.push_back(list[i]);
  }
  std::ranges::sort(streams);
  const auto repeated = std::ranges::unique(streams);
  streams.erase(repeated.begin(), repeated.end());
  return streams;
}

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace

Reconfiguration::Reconfiguration(const Setup& setup)
    : next_own_(setup.own_initial_tsn),
      next_peer_(setup.peer_initial_tsn),
      incoming_streams_(setup.incoming_streams),
      outgoing_streams_(setup.outgoing_streams),
      wanted_streams_(setup.outgoing_streams) {}

void Reconfiguration::want_outgoing_streams(uint16_t count) {
  wanted_streams_ = std::max(wanted_streams_, count);
}

// --- the peer's requests ------------------------------------------------------------------------

bool Reconfiguration::on_chunk(ReconfigReader& parameters, uint32_t cumulative) {
  bool answered = false;
  while (const auto parameter = parameters.next()) {
    std::visit(Overloaded{
                   [&](const OutgoingResetRequest& request) { on_request(request, cumulative); },
                   [&](const IncomingResetRequest& request) { on_request(request); },
                   [&](const AddStreamsRequest& request) { on_request(request); },
                   [&](const TsnResetRequest& request) {
                     if (accept(request.sequence)) {
                       respond(request.sequence, ReconfigResult::kDenied);
                     }
                   },
                   [&](const ReconfigResponse& response) { answered |= on_response(response); },
               },
               *parameter);
  }
  return answered;
}

bool Reconfiguration::accept(uint32_t sequence) {
  if (sequence == next_peer_) {
    ++next_peer_;
    return true;
  }
  const auto before = std::ranges::find(results_, sequence, &ReconfigResponse::sequence);
  const ReconfigResponse answer =
      before != results_.end() ? *before : ReconfigResponse{sequence, ReconfigResult::kBadSequence};
  if (responses_.size() < kMaxResponses) {
    responses_.push_back(answer);
  }
  return false;
}

void Reconfiguration::respond(uint32_t sequence, ReconfigResult result) {
  const auto before = std::ranges::find(results_, sequence, &ReconfigResponse::sequence);
  if (before != results_.end()) {
    before->result = result;
  } else {
    results_.push_back({sequence, result});
    if (results_.size() > kResultsKept) {
      results_.pop_front();
    }
  }
  if (responses_.size() < kMaxResponses) {
    responses_.push_back({sequence, result});
  }
}

void Reconfiguration::on_request(const OutgoingResetRequest& request, uint32_t cumulative) {
  if (!accept(request.sequence)) {
    return;
  }
  if (request_ && std::holds_alternative<IncomingReset>(request_->subject) &&
      request.response_sequence == request_->sequence) {
    finish_request(true);  // this is what we had asked for
  }
  auto streams = read_streams(request.streams, incoming_streams_);
  if (!streams) {
    respond(request.sequence, ReconfigResult::kWrongSsn);
  } else if (deferred_) {
    respond(request.sequence, ReconfigResult::kAlreadyInProgress);
  } else {
    deferred_ = Deferred{request.sequence, request.last_tsn, std::move(*streams)};
    on_cumulative(cumulative);
    if (deferred_) {
      respond(request.sequence, ReconfigResult::kInProgress);
    }
  }
}

void Reconfiguration::on_cumulative(uint32_t cumulative) {
  if (deferred_ && !is_higher<32>(deferred_->last_tsn, cumulative)) {
    respond(deferred_->sequence, ReconfigResult::kPerformed);
    actions_.emplace_back(PeerReset{std::move(deferred_->streams)});
    deferred_.reset();
  }
}

bool Reconfiguration::holds_back(uint16_t stream, uint32_t tsn) const {
  return deferred_ && is_higher<32>(tsn, deferred_->last_tsn) &&
         (deferred_->streams.empty() || std::ranges::binary_search(deferred_->streams, stream));
}

void Reconfiguration::on_request(const IncomingResetRequest& request) {
  if (!accept(request.sequence)) {
    return;
  }
  if (auto streams = read_streams(request.streams, outgoing_streams_)) {
    actions_.emplace_back(PeerWantsReset{std::move(*streams)});
    respond(request.sequence, ReconfigResult::kPerformed);
  } else {
    respond(request.sequence, ReconfigResult::kWrongSsn);
  }
}

void Reconfiguration::on_request(const AddStreamsRequest& request) {
  if (!accept(request.sequence)) {
    return;
  }
  // We add streams ourselves when we need them. Incoming ones cost nothing until they are used.
  if (request.incoming || request.count == 0 || incoming_streams_ + request.count > UINT16_MAX) {
    respond(request.sequence, ReconfigResult::kDenied);
    return;
  }
  incoming_streams_ = static_cast<uint16_t>(incoming_streams_ + request.count);
  actions_.emplace_back(PeerAddsStreams{request.count});
  respond(request.sequence, ReconfigResult::kPerformed);
}

std::optional<ReconfigAction> Reconfiguration::poll_action() {
  if (actions_.empty()) {
    return std::nullopt;
  }
  ReconfigAction action = std::move(actions_.front());
  actions_.pop_front();
  return action;
}

// --- our requests -------------------------------------------------------------------------------

bool Reconfiguration::on_response(const ReconfigResponse& response) {
  if (!request_ || response.sequence != request_->sequence) {
    return false;
  }
  switch (response.result) {
    case ReconfigResult::kNothingToDo:
    case ReconfigResult::kPerformed:
      finish_request(true);
      break;
    case ReconfigResult::kInProgress:
      request_->in_progress = true;
      break;
    case ReconfigResult::kAlreadyInProgress:
      request_->in_progress = true;
      request_->renumber = true;
      if (++request_->attempts >= kMaxAttempts) {
        finish_request(false);
      }
      break;
    default:
      finish_request(false);
      break;
  }
  return true;
}

void Reconfiguration::finish_request(bool performed) {
  Request request = std::move(*request_);
  request_.reset();
  if (auto* reset = std::get_if<OutgoingReset>(&request.subject)) {
    actions_.emplace_back(OwnResetDone{std::move(reset->streams), performed});
  } else if (const auto* add = std::get_if<AddStreams>(&request.subject)) {
    if (performed) {
      outgoing_streams_ = static_cast<uint16_t>(outgoing_streams_ + add->count);
    } else {
      wanted_streams_ = outgoing_streams_;
    }
    actions_.emplace_back(OwnStreamsDone{add->count, performed});
  }
}

std::optional<Reconfiguration::Subject> Reconfiguration::next_subject(uint32_t last_tsn) {
  if (!outgoing_resets_.empty()) {
    return OutgoingReset{last_tsn, take_streams(outgoing_resets_)};
  }
  if (!incoming_resets_.empty()) {
    return IncomingReset{take_streams(incoming_resets_)};
  }
  if (wanted_streams_ > outgoing_streams_) {
    return AddStreams{static_cast<uint16_t>(wanted_streams_ - outgoing_streams_)};
  }
  return std::nullopt;
}

void Reconfiguration::write(PacketBuilder& packet, uint32_t last_tsn, Micros rto, Micros now) {
  while (!responses_.empty()) {
    std::vector<uint8_t> parameter = response_parameter(responses_.front());
    if (!packet.add(chunk::kReconfig, 0, parameter)) {
      return;
    }
    responses_.erase(responses_.begin());
  }
  if (!request_) {
    if (auto subject = next_subject(last_tsn)) {
      request_ = Request{.sequence = next_own_++, .subject = std::move(*subject), .interval = rto};
    }
  }
  if (!request_ || !request_->due) {
    return;
  }
  const uint32_t sequence = request_->sequence;
  const std::vector<uint8_t> parameter = std::visit(
      Overloaded{
          [&](const OutgoingReset& reset) {
            // The peer's last request number is what an answer to an incoming reset carries; for
            // others it says one that was answered long ago.
            return outgoing_reset_parameter(sequence, next_peer_ - 1, reset.last_tsn,
                                            reset.streams);
          },
          [&](const IncomingReset& reset) {
            return incoming_reset_parameter(sequence, reset.streams);
          },
          [&](const AddStreams& add) { return add_outgoing_parameter(sequence, add.count); },
      },
      request_->subject);
  if (packet.add(chunk::kReconfig, 0, parameter)) {
    request_->due = false;
    request_->deadline = now + request_->interval;
  }
}

std::optional<Micros> Reconfiguration::next_timeout() const {
  return request_ && !request_->due ? std::optional(request_->deadline) : std::nullopt;
}

bool Reconfiguration::on_timeout(Micros now) {
  if (!request_ || request_->due || now < request_->deadline) {
    return false;
  }
  const bool owes = !request_->in_progress;
  if (request_->renumber) {
    request_->sequence = next_own_++;
    request_->renumber = false;
  }
  request_->in_progress = false;
  request_->due = true;
  if (owes) {
    request_->interval = std::min(2 * request_->interval, Rto::kMax);
  }
  return owes;
}

}  // namespace sluice::sctp
