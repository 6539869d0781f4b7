#include "protocol/rtcp/compound_parser.h"

namespace sluice::rtcp {
namespace {

template <class T>
std::optional<Packet> as_packet(const Frame& frame) {
  if (auto content = T::parse(frame)) {
    return Packet(*content);
  }
  return std::nullopt;
}

std::optional<Packet> interpret_transport_feedback(const Frame& frame) {
  switch (static_cast<TransportFormat>(frame.count)) {
    case TransportFormat::kNack:
      return as_packet<Nack>(frame);
    case TransportFormat::kTmmbr:
      return as_packet<Tmmbr>(frame);
    case TransportFormat::kTmmbn:
      return as_packet<Tmmbn>(frame);
    case TransportFormat::kTllei:
      return as_packet<Tllei>(frame);
    case TransportFormat::kEcn:
      return as_packet<EcnFeedback>(frame);
    case TransportFormat::kTransportCc:
      return as_packet<TransportFeedback>(frame);
  }
  return std::nullopt;
}

std::optional<Packet> interpret_payload_feedback(const Frame& frame) {
  switch (static_cast<PayloadFormat>(frame.count)) {
    case PayloadFormat::kPli:
      return as_packet<Pli>(frame);
    case PayloadFormat::kSli:
      return as_packet<Sli>(frame);
    case PayloadFormat::kRpsi:
      return as_packet<Rpsi>(frame);
    case PayloadFormat::kFir:
      return as_packet<Fir>(frame);
    case PayloadFormat::kTstr:
      return as_packet<Tstr>(frame);
    case PayloadFormat::kTstn:
      return as_packet<Tstn>(frame);
    case PayloadFormat::kVbcm:
      return as_packet<Vbcm>(frame);
    case PayloadFormat::kPslei:
      return as_packet<Pslei>(frame);
    case PayloadFormat::kApplication:
      return as_packet<Remb>(frame);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Packet> interpret(const Frame& frame) {
  switch (frame.type) {
    case PacketType::kSenderReport:
      return as_packet<SenderReport>(frame);
    case PacketType::kReceiverReport:
      return as_packet<ReceiverReport>(frame);
    case PacketType::kSourceDescription:
      return as_packet<SourceDescription>(frame);
    case PacketType::kBye:
      return as_packet<Bye>(frame);
    case PacketType::kTransportFeedback:
      return interpret_transport_feedback(frame);
    case PacketType::kPayloadFeedback:
      return interpret_payload_feedback(frame);
    case PacketType::kExtendedReport:
      return as_packet<ExtendedReport>(frame);
    case PacketType::kApp:
      break;
  }
  return std::nullopt;
}

}  // namespace sluice::rtcp
