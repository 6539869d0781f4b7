// Feedback about pictures: PLI, SLI, RPSI (RFC 4585 section 6.3), FIR, TSTR, TSTN, VBCM (RFC 5104
// section 4.3) and PSLEI (RFC 6642 section 5.1.2). Only PLI and FIR have an effect in an SFU; the
// others are checked and made available.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtcp/framing.h"
#include "protocol/rtcp/wire_array.h"

namespace sluice::rtcp {

/// FMT 1: the receiver cannot decode `header.media` and needs a key frame.
struct Pli {
  FeedbackHeader header;

  static std::optional<Pli> parse(const Frame& frame);
};

/// A run of lost macroblocks.
struct SliItem {
  static constexpr size_t kWireSize = 4;

  uint16_t first = 0;      ///< 13 bits
  uint16_t number = 0;     ///< 13 bits
  uint8_t picture_id = 0;  ///< the low 6 bits

  static SliItem read(const uint8_t* at);
  friend bool operator==(const SliItem&, const SliItem&) = default;
};

/// FMT 2.
struct Sli {
  FeedbackHeader header;
  WireArray<SliItem> items;

  static std::optional<Sli> parse(const Frame& frame);
};

/// FMT 3: the picture that the receiver has decoded, in the codec's own words.
struct Rpsi {
  FeedbackHeader header;
  PayloadType payload_type;
  Bytes bit_string;  ///< padding bits, always whole bytes, are taken off

  static std::optional<Rpsi> parse(const Frame& frame);
};

/// A stream that must send a key frame. A repetition of `sequence` is the same request again.
struct FirItem {
  static constexpr size_t kWireSize = 8;

  Ssrc ssrc;
  uint8_t sequence = 0;

  static FirItem read(const uint8_t* at) { return {Ssrc(load_be32(at)), at[4]}; }
  friend bool operator==(const FirItem&, const FirItem&) = default;
};

/// FMT 4. The streams are named in the items; `header.media` is unused.
struct Fir {
  FeedbackHeader header;
  WireArray<FirItem> items;

  static std::optional<Fir> parse(const Frame& frame);
};

/// A wish (TSTR) or an answer (TSTN) about the balance of spatial and temporal quality.
struct TstItem {
  static constexpr size_t kWireSize = 8;

  Ssrc ssrc;
  uint8_t sequence = 0;
  uint8_t index = 0;  ///< 0..31: from best spatial to best temporal quality

  static TstItem read(const uint8_t* at);
  friend bool operator==(const TstItem&, const TstItem&) = default;
};

/// FMT 5.
struct Tstr {
  FeedbackHeader header;
  WireArray<TstItem> items;

  static std::optional<Tstr> parse(const Frame& frame);
};

/// FMT 6.
struct Tstn {
  FeedbackHeader header;
  WireArray<TstItem> items;

  static std::optional<Tstn> parse(const Frame& frame);
};

/// An H.271 video back-channel message.
struct VbcmItem {
  Ssrc ssrc;
  uint8_t sequence = 0;
  PayloadType payload_type;
  Bytes octets;
};

/// FMT 7.
class Vbcm {
 public:
  static std::optional<Vbcm> parse(const Frame& frame);

  [[nodiscard]] const FeedbackHeader& header() const { return header_; }
  /// Calls `visit(VbcmItem)` for each message in order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    ByteReader reader(items_);
    while (const auto item = read_item(reader)) {
      visit(*item);
    }
  }

 private:
  /// Nothing at the end, or when an item runs over it.
  static std::optional<VbcmItem> read_item(ByteReader& reader);

  FeedbackHeader header_;
  Bytes items_;
};

/// FMT 8: streams for which somebody else has reported a loss already.
struct Pslei {
  FeedbackHeader header;
  WireArray<SsrcItem> sources;

  static std::optional<Pslei> parse(const Frame& frame);
};

/// Writes a PLI. False, and nothing written, when it does not fit.
bool write_pli(ByteWriter& writer, FeedbackHeader header);

/// Writes a FIR. False, and nothing written, when it does not fit.
bool write_fir(ByteWriter& writer, FeedbackHeader header, std::span<const FirItem> items);

}  // namespace sluice::rtcp
