// Source descriptions (RFC 3550 section 6.5) and the end of sources, BYE (section 6.6).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtcp/framing.h"
#include "protocol/rtcp/wire_array.h"

namespace sluice::rtcp {

/// One source and its canonical name, to be written.
struct SdesChunk {
  Ssrc ssrc;
  std::string_view cname;  ///< at most 255 bytes; longer ones are cut

  /// SSRC, item, terminator and padding.
  [[nodiscard]] size_t wire_size() const;
  void write(ByteWriter& writer) const;
};

/// PT 202.
class SourceDescription {
 public:
  /// Nothing unless the announced chunks, each with its null octet and zero padding, fill the
  /// packet exactly.
  static std::optional<SourceDescription> parse(const Frame& frame);

  [[nodiscard]] size_t chunk_count() const { return chunk_count_; }

  /// Calls `visit(Ssrc, uint8_t item_type, Bytes value)` for each item in order. A CNAME is type 1.
  template <class Visit>
  void for_each_item(Visit&& visit) const {
    size_t at = 0;
    for (size_t chunk = 0; chunk < chunk_count_; ++chunk) {
      const Ssrc ssrc(load_be32(&chunks_[at]));
      at += 4;
      while (chunks_[at] != 0) {
        const size_t length = chunks_[at + 1];
        visit(ssrc, chunks_[at], chunks_.subspan(at + 2, length));
        at += 2 + length;
      }
      at = (at + 4) & ~size_t{3};
    }
  }

  /// The first CNAME given for `ssrc`, or empty.
  [[nodiscard]] std::string_view cname(Ssrc ssrc) const;

 private:
  SourceDescription(Bytes chunks, size_t chunk_count)
      : chunks_(chunks), chunk_count_(chunk_count) {}

  Bytes chunks_;
  size_t chunk_count_;
};

/// Writes an SDES with at most 31 chunks of one CNAME each. False, and nothing written, when it
/// does not fit.
bool write_source_description(ByteWriter& writer, std::span<const SdesChunk> chunks);

/// PT 203.
struct Bye {
  WireArray<SsrcItem> sources;
  std::string_view reason;  ///< may be empty; not checked to be UTF-8

  /// Nothing when the sources or the reason run over the end.
  static std::optional<Bye> parse(const Frame& frame);
};

/// Writes a BYE for at most 31 sources; a reason beyond 255 bytes is cut. False, and nothing
/// written, when it does not fit.
bool write_bye(ByteWriter& writer, std::span<const Ssrc> sources, std::string_view reason = {});

}  // namespace sluice::rtcp
