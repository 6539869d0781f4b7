#include "protocol/rtcp/key_frame_requester.h"

#include <algorithm>

namespace sluice::rtcp {
namespace {

void take_earlier(std::optional<Micros>& earliest, const std::optional<Micros>& time) {
  if (time && (!earliest || *time < *earliest)) {
    earliest = time;
  }
}

}  // namespace

KeyFrameRequester::Stream& KeyFrameRequester::stream(Ssrc ssrc) {
  const auto found = std::ranges::find(streams_, ssrc, &Stream::ssrc);
  return found != streams_.end() ? *found : streams_.emplace_back(Stream{.ssrc = ssrc});
}

void KeyFrameRequester::request(Stream& stream, Micros now) {
  stream.pending_until = now + kWait;
  requests_.push_back(stream.ssrc);
}

void KeyFrameRequester::need(Stream& stream, Micros now) {
  if (delay_ > Micros(0)) {
    if (stream.delayed_until) {
      stream.wanted = true;
      return;
    }
    stream.delayed_until = now + delay_;
    stream.wanted = false;
  }
  const bool pending = stream.pending_until.has_value();
  stream.retry = true;
  if (!pending) {
    request(stream, now);
  }
}

void KeyFrameRequester::needed(Ssrc ssrc, Micros now) {
  need(stream(ssrc), now);
}

void KeyFrameRequester::force(Ssrc ssrc, Micros now) {
  Stream& forced = stream(ssrc);
  if (delay_ > Micros(0)) {
    forced.delayed_until = now + delay_;
    forced.wanted = false;
  }
  forced.retry = true;
  request(forced, now);
}

void KeyFrameRequester::received(Ssrc ssrc) {
  const auto found = std::ranges::find(streams_, ssrc, &Stream::ssrc);
  if (found == streams_.end()) {
    return;
  }
  found->pending_until.reset();
  if (found->idle()) {
    streams_.erase(found);
  }
}

void KeyFrameRequester::remove(Ssrc ssrc) {
  std::erase_if(streams_, [ssrc](const Stream& stream) { return stream.ssrc == ssrc; });
  std::erase(requests_, ssrc);
}

void KeyFrameRequester::clear() {
  streams_.clear();
  requests_.clear();
}

std::optional<Micros> KeyFrameRequester::next_timeout() const {
  std::optional<Micros> earliest;
  for (const Stream& stream : streams_) {
    take_earlier(earliest, stream.delayed_until);
    take_earlier(earliest, stream.pending_until);
  }
  return earliest;
}

void KeyFrameRequester::on_timeout(Micros now) {
  for (Stream& stream : streams_) {
    if (stream.pending_until && *stream.pending_until <= now) {
      stream.pending_until.reset();
      if (stream.retry) {
        stream.retry = false;
        request(stream, now);
      }
    }
    if (stream.delayed_until && *stream.delayed_until <= now) {
      stream.delayed_until.reset();
      if (stream.wanted) {
        need(stream, now);
      }
    }
  }
  std::erase_if(streams_, [](const Stream& stream) { return stream.idle(); });
}

std::optional<Ssrc> KeyFrameRequester::poll() {
  if (requests_.empty()) {
    return std::nullopt;
  }
  const Ssrc first = requests_.front();
  requests_.erase(requests_.begin());
  return first;
}

}  // namespace sluice::rtcp
