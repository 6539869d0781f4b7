#include "protocol/rtcp/source_description.h"

#include <algorithm>

namespace sluice::rtcp {
namespace {

constexpr uint8_t kCname = 1;
/// Item lengths and the reason of a BYE have one byte.
constexpr size_t kMaxTextSize = 255;

constexpr size_t round_up_to_word(size_t size) {
  return (size + 3) & ~size_t{3};
}

/// The size of the chunk that `data` begins with, or nothing when it is not well formed.
std::optional<size_t> chunk_size(Bytes data) {
  ByteReader reader(data);
  reader.skip(4);
  while (true) {
    const uint8_t type = reader.u8();
    if (!reader.ok()) {
      return std::nullopt;
    }
    if (type == 0) {
      break;
    }
    reader.skip(reader.u8());
  }
  // The terminator is followed by null octets up to the next word.
  const Bytes padding = reader.bytes(round_up_to_word(reader.position()) - reader.position());
  if (!reader.ok() || std::ranges::any_of(padding, [](uint8_t octet) { return octet != 0; })) {
    return std::nullopt;
  }
  return reader.position();
}

std::string_view cut(std::string_view text) {
  return text.substr(0, kMaxTextSize);
}

}  // namespace

size_t SdesChunk::wire_size() const {
  // At least one null octet ends the items.
  return round_up_to_word(4 + 2 + cut(cname).size() + 1);
}

void SdesChunk::write(ByteWriter& writer) const {
  const std::string_view name = cut(cname);
  writer.u32(ssrc.value);
  writer.u8(kCname);
  writer.u8(static_cast<uint8_t>(name.size()));
  writer.bytes(as_bytes(name));
  writer.zeros(wire_size() - 6 - name.size());
}

std::optional<SourceDescription> SourceDescription::parse(const Frame& frame) {
  Bytes rest = frame.body;
  for (size_t chunk = 0; chunk < frame.count; ++chunk) {
    const auto size = chunk_size(rest);
    if (!size) {
      return std::nullopt;
    }
    rest = rest.subspan(*size);
  }
  if (!rest.empty()) {
    return std::nullopt;
  }
  return SourceDescription(frame.body, frame.count);
}

std::string_view SourceDescription::cname(Ssrc ssrc) const {
  std::string_view found;
  for_each_item([&](Ssrc source, uint8_t type, Bytes value) {
    if (source == ssrc && type == kCname && found.empty()) {
      found = as_text(value);
    }
  });
  return found;
}

bool write_source_description(ByteWriter& writer, std::span<const SdesChunk> chunks) {
  size_t size = kCommonHeaderSize;
  for (const SdesChunk& chunk : chunks) {
    size += chunk.wire_size();
  }
  if (chunks.size() > kMaxCount || writer.remaining() < size) {
    return false;
  }
  write_common_header(writer, static_cast<uint8_t>(chunks.size()), PacketType::kSourceDescription,
                      size);
  for (const SdesChunk& chunk : chunks) {
    chunk.write(writer);
  }
  return true;
}

std::optional<Bye> Bye::parse(const Frame& frame) {
  ByteReader reader(frame.body);
  Bye bye{.sources = WireArray<SsrcItem>(reader.bytes(frame.count * SsrcItem::kWireSize)),
          .reason = {}};
  if (reader.remaining() > 0) {
    bye.reason = as_text(reader.bytes(reader.u8()));
  }
  return reader.ok() ? std::optional(bye) : std::nullopt;
}

bool write_bye(ByteWriter& writer, std::span<const Ssrc> sources, std::string_view reason) {
  const std::string_view text = cut(reason);
  const size_t reason_size = text.empty() ? 0 : round_up_to_word(1 + text.size());
  const size_t size = kCommonHeaderSize + sources.size() * 4 + reason_size;
  if (sources.size() > kMaxCount || writer.remaining() < size) {
    return false;
  }
  write_common_header(writer, static_cast<uint8_t>(sources.size()), PacketType::kBye, size);
  for (const Ssrc source : sources) {
    writer.u32(source.value);
  }
  if (!text.empty()) {
    writer.u8(static_cast<uint8_t>(text.size()));
    writer.bytes(as_bytes(text));
    writer.zeros(reason_size - 1 - text.size());
  }
  return true;
}

}  // namespace sluice::rtcp
