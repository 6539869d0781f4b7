// From the bytes of a decrypted RTCP datagram to typed packets (media-plane 6.1). No allocation;
// all views point into the datagram.
//
//   parse_compound(datagram, Overloaded{
//       [&](const Nack& nack) { ... },
//       [&](const SenderReport& report) { ... },
//   });
//
// A visitor names the types it cares about; the others are passed over. A broken packet does not
// hide the ones behind it.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "protocol/rtcp/extended_report.h"
#include "protocol/rtcp/framing.h"
#include "protocol/rtcp/nack.h"
#include "protocol/rtcp/picture_feedback.h"
#include "protocol/rtcp/rate_feedback.h"
#include "protocol/rtcp/reports.h"
#include "protocol/rtcp/source_description.h"
#include "protocol/rtcp/transport_feedback.h"

namespace sluice::rtcp {

/// A well-formed packet of a known type.
using Packet = std::variant<SenderReport, ReceiverReport, SourceDescription, Bye, Nack, Tmmbr,
                            Tmmbn, Tllei, EcnFeedback, TransportFeedback, Pli, Sli, Rpsi, Fir, Tstr,
                            Tstn, Vbcm, Pslei, Remb, ExtendedReport>;

/// The content of one packet. Nothing when it is of no interest (APP, unknown types and formats,
/// application feedback other than REMB) or malformed.
std::optional<Packet> interpret(const Frame& frame);

/// What became of the packets of a datagram.
struct CompoundSummary {
  size_t parsed = 0;    ///< well formed and of a known type, whether or not the visitor took it
  size_t skipped = 0;   ///< unknown, ignored or malformed
  bool broken = false;  ///< the framing was wrong, and what follows is lost
};

/// Joins lambdas into one visitor.
template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

/// Calls `visitor(const T&)` for each packet whose type it accepts, in order.
template <class Visitor>
CompoundSummary parse_compound(Bytes datagram, Visitor&& visitor) {
  CompoundSummary summary;
  CompoundWalker walker(datagram);
  while (const auto frame = walker.next()) {
    const auto packet = interpret(*frame);
    if (!packet) {
      ++summary.skipped;
      continue;
    }
    ++summary.parsed;
    std::visit(
        [&visitor]<class T>(const T& content) {
          if constexpr (std::is_invocable_v<Visitor&, const T&>) {
            visitor(content);
          }
        },
        *packet);
  }
  summary.skipped += walker.skipped();
  summary.broken = walker.broken();
  return summary;
}

}  // namespace sluice::rtcp
