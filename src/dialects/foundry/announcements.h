// What one connection is told about the producers of others, and when
// (foundryvtt 1.4, 2.4, 2.5, 2.7). No sockets, no media, no clock.
//
// The two kinds of peer differ:
//  - a browser module loses what comes before it can receive, and does not notice duplicates: it is
//    told nothing until it has a receiving transport, then everything once;
//  - a client of the original server is told at once, and of older producers when it can receive.
// A connection that has said nothing yet may become either: its notifications are held back, and
// after kSilence they go out in a form that both can read.
//
// Invariant: `producer closed` is sent for exactly those producers that this connection was told
// of.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/types.h"
#include "dialects/foundry/message.h"

namespace sluice::foundry {

/// A browser module speaks as soon as its socket is open; who has not done so by now is a silent
/// listener.
inline constexpr Micros kSilence = 1s;

enum class CloseReason : uint8_t {
  kGone,           ///< closed by its owner, or with its transport or owner
  kVideoReplaced,  ///< the owner's new video follows at once
};

class Announcements {
 public:
  using Send = std::function<void(std::string text)>;

  /// `send` puts one frame on the socket.
  explicit Announcements(Send send) : send_(std::move(send)) {}

  [[nodiscard]] Form form() const { return form_; }

  /// The peer has named a method in this form; the first call counts.
  void settle(Form form);
  /// The connection has been open for kSilence. Nothing happens when the peer has spoken.
  void on_silence();
  /// The peer has a transport to receive on, and the answer that says so is written. `declared`: it
  /// said so itself with `consuming: true`; otherwise the transport is one without a direction,
  /// which the module never makes. `existing` are the open producers of the others, oldest first.
  void can_receive(bool declared, const std::vector<ProducerNotice>& existing);
  /// A producer of another peer is new.
  void produced(const ProducerNotice& notice);
  /// A producer of another peer is closed.
  void closed(const std::string& producer_id, const std::string& owner, CloseReason reason);
  /// The peer that owned producers is gone, all its producers are closed.
  void owner_left(const std::string& owner);

 private:
  void announce(const ProducerNotice& notice);
  void retract(const std::string& producer_id);
  [[nodiscard]] bool live() const;

  struct KeptBack {
    std::string owner;
    std::string producer_id;
  };

  Send send_;
  Form form_ = Form::kNone;
  bool silent_ = false;
  bool ready_ = false;
  std::unordered_set<std::string> told_;
  std::vector<ProducerNotice> held_;
  std::vector<KeptBack> kept_back_;
};

}  // namespace sluice::foundry
