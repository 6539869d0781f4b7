#include "protocol/sctp/teardown.h"

#include "protocol/sctp/wire.h"

namespace sluice::sctp {

void Teardown::enter(State state) {
  state_ = state;
  due_ = state == State::kSent || state == State::kAckSent;
  t2_.reset();
}

void Teardown::request() {
  if (state_ == State::kNone) {
    enter(State::kPending);
  }
}

void Teardown::on_shutdown() {
  switch (state_) {
    case State::kNone:
    case State::kPending:
      enter(State::kReceived);
      break;
    case State::kSent:  // both at once
      enter(State::kAckSent);
      break;
    case State::kReceived:
      break;
    case State::kAckSent:
      due_ = true;
      break;
  }
}

void Teardown::on_data() {
  due_ |= state_ == State::kSent;
}

void Teardown::repeat() {
  due_ |= state_ == State::kAckSent;
}

void Teardown::advance(bool sender_idle) {
  if (!sender_idle) {
    return;
  }
  if (state_ == State::kPending) {
    enter(State::kSent);
  } else if (state_ == State::kReceived) {
    enter(State::kAckSent);
  }
}

void Teardown::write(PacketBuilder& packet, uint32_t cumulative, Micros rto, Micros now) {
  if (!due_) {
    return;
  }
  if (state_ == State::kSent) {
    if (!packet.fits(4)) {
      return;
    }
    store_be32(packet.add(chunk::kShutdown, 0, 4).data(), cumulative);
  } else if (!packet.add(chunk::kShutdownAck, 0, Bytes{})) {
    return;
  }
  due_ = false;
  t2_ = now + rto;
}

bool Teardown::on_timeout(Micros now) {
  if (!t2_ || now < *t2_) {
    return false;
  }
  t2_.reset();
  due_ = true;
  return true;
}

}  // namespace sluice::sctp
