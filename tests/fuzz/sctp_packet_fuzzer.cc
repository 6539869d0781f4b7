// links: sluice_sctp
// Parsers of packets, chunks, parameters and error causes: the input is the part of a packet behind
// the common header, with a checksum that is made right. What can be written again must read the
// same.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocol/sctp/crc32c.h"
#include "protocol/sctp/data_chunk.h"
#include "protocol/sctp/error_cause.h"
#include "protocol/sctp/forward_tsn_chunk.h"
#include "protocol/sctp/init_chunk.h"
#include "protocol/sctp/packet.h"
#include "protocol/sctp/packet_builder.h"
#include "protocol/sctp/reconfig_chunk.h"
#include "protocol/sctp/sack_chunk.h"

namespace {

using namespace sluice;
using namespace sluice::sctp;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void check_init(Bytes value) {
  const auto init = InitChunk::parse(value);
  if (!init) {
    return;
  }
  const auto again = init_value(init->fields, init->cookie,
                                std::span(init->unrecognized).first(init->unrecognized_count));
  const auto parsed = InitChunk::parse(again);
  require(parsed.has_value());
  require(parsed->fields.tag == init->fields.tag);
  require(parsed->fields.initial_tsn == init->fields.initial_tsn);
  require(std::ranges::equal(parsed->cookie, init->cookie));
}

void check_data(const ChunkView& chunk) {
  const auto data = DataChunk::parse(chunk);
  if (!data) {
    return;
  }
  std::vector<uint8_t> value(12 + data->payload.size());
  data->write(value);
  require(std::ranges::equal(value, chunk.value));
  require(data->flags() == (chunk.flags & 0x0F));
}

uint64_t check_sack(Bytes value) {
  const auto sack = SackChunk::parse(value);
  if (!sack) {
    return 0;
  }
  uint64_t sum = sack->duplicate_count();
  std::vector<GapBlock> gaps;
  for (size_t i = 0; i < sack->gap_count(); ++i) {
    gaps.push_back(sack->gap(i));
    sum += gaps.back().start + gaps.back().end;
  }
  std::array<uint8_t, 1191> buffer;
  PacketBuilder packet(buffer, 1);
  require(write_sack(packet, sack->cumulative_tsn(), sack->window(), gaps, {}));
  require(packet.finish().size() <= buffer.size());
  return sum;
}

uint64_t check_reconfig(Bytes value) {
  ReconfigReader reader(value);
  uint64_t sum = 0;
  while (const auto parameter = reader.next()) {
    if (const auto* reset = std::get_if<OutgoingResetRequest>(&*parameter)) {
      for (size_t i = 0; i < reset->streams.size(); ++i) {
        sum += reset->streams[i];
      }
    } else if (const auto* wish = std::get_if<IncomingResetRequest>(&*parameter)) {
      for (size_t i = 0; i < wish->streams.size(); ++i) {
        sum += wish->streams[i];
      }
    }
  }
  return sum + reader.unrecognized().size();
}

uint64_t check_forward(Bytes value) {
  const auto forward = ForwardTsnChunk::parse(value);
  uint64_t sum = 0;
  for (size_t i = 0; forward && i < forward->stream_count(); ++i) {
    sum += forward->stream(i).stream + forward->stream(i).ssn;
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> datagram(kCommonHeaderSize);
  datagram.insert(datagram.end(), data, data + size);
  require(!PacketView::parse(Bytes(data, size)) || size >= 16);
  store_be32(&datagram[8], packet_checksum(datagram));
  const auto packet = PacketView::parse(datagram);
  if (!packet) {
    return 0;
  }
  ChunkReader chunks = packet->chunks();
  volatile uint64_t sink = 0;
  while (const auto chunk = chunks.next()) {
    // Every parser sees every value: types are no protection.
    check_init(chunk->value);
    check_data(*chunk);
    sink = sink + check_sack(chunk->value) + check_reconfig(chunk->value) +
           check_forward(chunk->value) + first_cause(chunk->value) +
           describe_causes(chunk->value).size();
  }
  return 0;
}
