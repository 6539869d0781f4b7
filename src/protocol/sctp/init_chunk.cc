#include "protocol/sctp/init_chunk.h"

#include <algorithm>

#include "protocol/sctp/record_reader.h"

namespace sluice::sctp {
namespace {

constexpr size_t kFieldsSize = 16;
constexpr std::array<uint8_t, 2> kOurExtensions = {chunk::kReconfig, chunk::kForwardTsn};

constexpr size_t kMaxEchoed = 256;  // bytes of parameters that are sent back

bool contains(Bytes types, uint8_t type) {
  return std::ranges::find(types, type) != types.end();
}

void read_parameter(const Record& record, InitChunk& init) {
  switch (record.head) {
    case parameter::kStateCookie:
      init.cookie = record.value;
      break;
    case parameter::kForwardTsnSupported:
      init.extensions.forward_tsn = true;
      break;
    case parameter::kSupportedExtensions:
      init.extensions.reconfig |= contains(record.value, chunk::kReconfig);
      init.extensions.forward_tsn |= contains(record.value, chunk::kForwardTsn);
      break;
    case parameter::kHostName:
      init.host_name = true;
      break;
    default:  // known and of no meaning on a path that the owner gives
      break;
  }
}

bool is_known(uint16_t type) {
  switch (type) {
    case parameter::kIpv4Address:
    case parameter::kIpv6Address:
    case parameter::kStateCookie:
    case parameter::kUnrecognized:
    case parameter::kCookiePreservative:
    case parameter::kHostName:
    case parameter::kSupportedAddressTypes:
    case parameter::kSupportedExtensions:
    case parameter::kForwardTsnSupported:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<InitChunk> InitChunk::parse(Bytes value) {
  ByteReader fields(value);
  InitChunk init;
  init.fields.tag = fields.u32();
  init.fields.window = fields.u32();
  init.fields.outgoing_streams = fields.u16();
  init.fields.incoming_streams = fields.u16();
  init.fields.initial_tsn = fields.u32();
  if (!fields.ok()) {
    return std::nullopt;
  }
  RecordReader parameters(fields.rest());
  bool stopped = false;
  while (const auto record = parameters.next()) {
    if (stopped) {
      continue;  // only the framing still matters
    }
    if (is_known(record->head)) {
      read_parameter(*record, init);
      continue;
    }
    const UnknownRule rule = unknown_parameter_rule(record->head);
    stopped = !rule.skip;
    if (rule.report && init.unrecognized_count < init.unrecognized.size()) {
      init.unrecognized[init.unrecognized_count++] = record->whole;
    }
  }
  return parameters.ok() ? std::optional(init) : std::nullopt;
}

std::vector<uint8_t> init_value(const InitFields& fields, Bytes cookie,
                                std::span<const Bytes> echoed) {
  std::vector<uint8_t> value(kFieldsSize);
  ByteWriter out(value);
  out.u32(fields.tag);
  out.u32(fields.window);
  out.u16(fields.outgoing_streams);
  out.u16(fields.incoming_streams);
  out.u32(fields.initial_tsn);
  if (!cookie.empty()) {
    append_record(value, parameter::kStateCookie, cookie);
  }
  append_record(value, parameter::kForwardTsnSupported, {});
  append_record(value, parameter::kSupportedExtensions, kOurExtensions);
  size_t room = kMaxEchoed;
  for (const Bytes parameter : echoed) {
    if (parameter.size() <= room) {
      append_record(value, parameter::kUnrecognized, parameter);
      room -= parameter.size();
    }
  }
  return value;
}

}  // namespace sluice::sctp
