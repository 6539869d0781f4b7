#include "support/data_peer.h"

#include <utility>
#include <variant>

#include "protocol/sctp/wire.h"

namespace sluice::test {

void DataPeer::on_packet(Bytes packet, Micros now) {
  association_.on_packet(packet, now);
  take_events();
}

void DataPeer::on_timeout(Micros now) {
  if (const auto due = association_.next_timeout(); due && *due <= now) {
    association_.on_timeout(now);
    take_events();
  }
}

std::optional<Bytes> DataPeer::poll_transmit(Micros now) {
  take_events();
  return association_.poll_transmit(now);
}

sctp::SendResult DataPeer::send(uint16_t stream, Bytes payload, Micros now,
                                const sctp::Reliability& reliability) {
  return association_.send(stream, sctp::ppid::kBinary, payload, reliability, now);
}

sctp::SendResult DataPeer::send_text(uint16_t stream, std::string_view text, Micros now) {
  return association_.send(stream, sctp::ppid::kString, as_bytes(text), {}, now);
}

void DataPeer::take_events() {
  while (auto event = association_.poll_event()) {
    if (auto* message = std::get_if<sctp::Message>(&*event)) {
      messages.push_back(std::move(*message));
    } else {
      events.push_back(std::move(*event));
    }
  }
}

std::vector<std::string> DataPeer::texts() const {
  std::vector<std::string> texts;
  for (const sctp::Message& message : messages) {
    texts.emplace_back(message.payload.begin(), message.payload.end());
  }
  return texts;
}

}  // namespace sluice::test
