// The data channels of a peer: an association, and what has come of it. For TestPeer, which carries
// its packets over DTLS, and for tests that carry them themselves.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/sctp/association.h"

namespace sluice::test {

class DataPeer {
 public:
  explicit DataPeer(const sctp::Options& options = {}) : association_(options) {}

  // The path.
  void connect(Micros now) { association_.connect(now); }
  void on_packet(Bytes packet, Micros now);
  void on_timeout(Micros now);
  /// One packet to send, valid until the next call.
  std::optional<Bytes> poll_transmit(Micros now);

  [[nodiscard]] bool connected() const { return association_.state() == sctp::State::kConnected; }
  sctp::Association& association() { return association_; }

  sctp::SendResult send(uint16_t stream, Bytes payload, Micros now,
                        const sctp::Reliability& reliability = {});
  sctp::SendResult send_text(uint16_t stream, std::string_view text, Micros now);
  /// Resets one outgoing stream, as closing a data channel does.
  void reset(uint16_t stream, Micros now) { association_.reset_streams({&stream, 1}, now); }

  /// What arrived; the caller empties the lists.
  std::vector<sctp::Message> messages;
  std::vector<sctp::Event> events;  ///< all others

  /// Events of one kind.
  template <class T>
  [[nodiscard]] std::vector<T> all() const {
    std::vector<T> found;
    for (const sctp::Event& event : events) {
      if (const T* content = std::get_if<T>(&event)) {
        found.push_back(*content);
      }
    }
    return found;
  }
  /// Messages as texts, in order.
  [[nodiscard]] std::vector<std::string> texts() const;

 private:
  void take_events();

  sctp::Association association_;
};

}  // namespace sluice::test
