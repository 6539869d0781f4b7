#include "protocol/sctp/data_chunk.h"

namespace sluice::sctp {
namespace {

constexpr uint8_t kEnd = 0x01;
constexpr uint8_t kBegin = 0x02;
constexpr uint8_t kUnordered = 0x04;
constexpr uint8_t kImmediate = 0x08;

}  // namespace

std::optional<DataChunk> DataChunk::parse(const ChunkView& chunk) {
  ByteReader in(chunk.value);
  DataChunk data{
      .immediate_ack = (chunk.flags & kImmediate) != 0,
      .unordered = (chunk.flags & kUnordered) != 0,
      .begin = (chunk.flags & kBegin) != 0,
      .end = (chunk.flags & kEnd) != 0,
  };
  data.tsn = in.u32();
  data.stream = in.u16();
  data.ssn = in.u16();
  data.ppid = in.u32();
  data.payload = in.rest();
  return in.ok() ? std::optional(data) : std::nullopt;
}

uint8_t DataChunk::flags() const {
  return static_cast<uint8_t>((end ? kEnd : 0) | (begin ? kBegin : 0) |
                              (unordered ? kUnordered : 0) | (immediate_ack ? kImmediate : 0));
}

void DataChunk::write(MutableBytes value) const {
  ByteWriter out(value);
  out.u32(tsn);
  out.u16(stream);
  out.u16(ssn);
  out.u32(ppid);
  out.bytes(payload);
}

}  // namespace sluice::sctp
