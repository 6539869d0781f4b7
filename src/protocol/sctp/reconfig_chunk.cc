#include "protocol/sctp/reconfig_chunk.h"

namespace sluice::sctp {
namespace {

// The value of a parameter, or nothing when it is malformed. Only called for known types.
std::optional<ReconfigParameter> read(const Record& record) {
  ByteReader in(record.value);
  const uint32_t sequence = in.u32();
  std::optional<ReconfigParameter> read;
  switch (record.head) {
    case parameter::kOutgoingReset: {
      OutgoingResetRequest request{.sequence = sequence};
      request.response_sequence = in.u32();
      request.last_tsn = in.u32();
      request.streams = StreamList(in.rest());
      read = request;
      break;
    }
    case parameter::kIncomingReset:
      read = IncomingResetRequest{.sequence = sequence, .streams = StreamList(in.rest())};
      break;
    case parameter::kTsnReset:
      read = TsnResetRequest{.sequence = sequence};
      break;
    case parameter::kReconfigResponse:
      read =
          ReconfigResponse{.sequence = sequence, .result = static_cast<ReconfigResult>(in.u32())};
      break;
    case parameter::kAddOutgoing:
    case parameter::kAddIncoming:
      read = AddStreamsRequest{.sequence = sequence,
                               .count = in.u16(),
                               .incoming = record.head == parameter::kAddIncoming};
      break;
    default:
      break;
  }
  return in.ok() ? read : std::nullopt;
}

bool is_known(uint16_t type) {
  return type >= parameter::kOutgoingReset && type <= parameter::kAddIncoming;
}

// A parameter of `size` bytes of value that `fill` writes.
template <class Fill>
std::vector<uint8_t> build(uint16_t type, size_t size, Fill fill) {
  std::vector<uint8_t> parameter(kRecordHeaderSize + size);
  ByteWriter out(parameter);
  out.u16(type);
  out.u16(static_cast<uint16_t>(kRecordHeaderSize + size));
  fill(out);
  return parameter;
}

}  // namespace

std::optional<ReconfigParameter> ReconfigReader::next() {
  while (!stopped_) {
    const std::optional<Record> record = records_.next();
    if (!record) {
      break;
    }
    if (is_known(record->head)) {
      const std::optional<ReconfigParameter> parameter = read(*record);
      stopped_ = !parameter;
      return parameter;
    }
    const UnknownRule rule = unknown_parameter_rule(record->head);
    stopped_ = !rule.skip;
    if (rule.report) {
      unrecognized_ = record->whole;
    }
  }
  return std::nullopt;
}

std::vector<uint8_t> outgoing_reset_parameter(uint32_t sequence, uint32_t response_sequence,
                                              uint32_t last_tsn,
                                              const std::vector<uint16_t>& streams) {
  return build(parameter::kOutgoingReset, 12 + 2 * streams.size(), [&](ByteWriter& out) {
    out.u32(sequence);
    out.u32(response_sequence);
    out.u32(last_tsn);
    for (const uint16_t stream : streams) {
      out.u16(stream);
    }
  });
}

std::vector<uint8_t> incoming_reset_parameter(uint32_t sequence,
                                              const std::vector<uint16_t>& streams) {
  return build(parameter::kIncomingReset, 4 + 2 * streams.size(), [&](ByteWriter& out) {
    out.u32(sequence);
    for (const uint16_t stream : streams) {
      out.u16(stream);
    }
  });
}

std::vector<uint8_t> add_outgoing_parameter(uint32_t sequence, uint16_t count) {
  return build(parameter::kAddOutgoing, 8, [&](ByteWriter& out) {
    out.u32(sequence);
    out.u16(count);
    out.u16(0);
  });
}

std::vector<uint8_t> response_parameter(const ReconfigResponse& response) {
  return build(parameter::kReconfigResponse, 8, [&](ByteWriter& out) {
    out.u32(response.sequence);
    out.u32(static_cast<uint32_t>(response.result));
  });
}

}  // namespace sluice::sctp
