#include "protocol/sctp/heartbeat.h"

#include <array>

#include "base/random.h"
#include "protocol/sctp/record_reader.h"

namespace sluice::sctp {

std::optional<Micros> Heartbeat::on_ack(Bytes value, Micros now) {
  const auto info = RecordReader(value).next();
  if (!sent_ || !info || info->head != parameter::kHeartbeatInfo || info->value.size() != 8 ||
      load_be64(info->value.data()) != sent_->nonce) {
    return std::nullopt;
  }
  const Micros rtt = now - sent_->at;
  sent_.reset();
  return rtt;
}

void Heartbeat::write(PacketBuilder& packet, Micros rto, Micros now) {
  constexpr size_t kSize = kRecordHeaderSize + 8;
  if (!due_ || !packet.fits(kSize)) {
    return;
  }
  due_ = false;
  ByteWriter out(packet.add(chunk::kHeartbeat, 0, kSize));
  std::array<uint8_t, 8> nonce;
  random_bytes(nonce);
  out.u16(parameter::kHeartbeatInfo);
  out.u16(kSize);
  out.bytes(nonce);
  sent_ = Sent{.nonce = load_be64(nonce.data()), .at = now, .deadline = now + rto};
}

std::optional<Micros> Heartbeat::next_timeout() const {
  if (due_) {
    return std::nullopt;  // waits to be written
  }
  return sent_ ? sent_->deadline : next_at_;
}

bool Heartbeat::on_timeout(Micros now) {
  const bool unanswered = sent_ && now >= sent_->deadline;
  if (unanswered) {
    sent_.reset();
  }
  if (!sent_ && !due_ && now >= next_at_) {
    due_ = true;
    next_at_ = now + kInterval;
  }
  return unanswered;
}

}  // namespace sluice::sctp
