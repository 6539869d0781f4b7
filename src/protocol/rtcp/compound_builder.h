// Collects the reports of a transport's producers and consumers into compounds of at most 1292
// bytes (media-plane 6.2). Order on the wire: SRs, RRs, SDES, XR.
//
//   CompoundBuilder builder;
//   for each object: builder.add_or_flush(contribution, buffer, send);
//   builder.finish(buffer, send);
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtcp/extended_report.h"
#include "protocol/rtcp/framing.h"
#include "protocol/rtcp/reports.h"
#include "protocol/rtcp/source_description.h"

namespace sluice::rtcp {

/// An SR to be sent.
struct OutgoingSenderReport {
  Ssrc ssrc;
  SenderInfo info;
};

/// What one producer or consumer has to say. CNAMEs must live until the compound is written.
struct ReportContribution {
  std::span<const OutgoingSenderReport> sender_reports{};
  std::span<const ReportBlock> blocks{};
  std::span<const SdesChunk> chunks{};
  std::span<const DlrrItem> dlrr{};
  /// Our clock. A compound tells the first one given, and only when it has report blocks.
  std::optional<NtpTime> reference_time{};
};

class CompoundBuilder {
 public:
  /// `sender` is the SSRC in RR and XR. `budget` is the largest compound, at most kRtcpBudget.
  explicit CompoundBuilder(Ssrc sender = Ssrc(0), size_t budget = kRtcpBudget);

  /// Takes the contribution as a whole, or returns false and takes nothing when it does not fit
  /// beside what is there.
  bool add(const ReportContribution& contribution);

  [[nodiscard]] bool empty() const;
  /// True when there is an SR or a report block.
  [[nodiscard]] bool has_report() const { return reports_count_ > 0 || blocks_count_ > 0; }
  /// Bytes that `write` writes.
  [[nodiscard]] size_t size() const;
  /// Writes the compound. False, and nothing written, when it does not fit.
  bool write(ByteWriter& writer) const;
  void clear();

  /// Adds the contribution. What does not fit beside it is handed to `send(Bytes)` first. A
  /// contribution too large for any compound is cut into its items.
  template <class Send>
  void add_or_flush(const ReportContribution& contribution, MutableBytes buffer, Send&& send) {
    if (add(contribution)) {
      return;
    }
    flush(buffer, send);
    if (add(contribution)) {
      return;
    }
    const auto add_item = [&](const ReportContribution& item) {
      if (!add(item)) {
        flush(buffer, send);
        add(item);
      }
    };
    for (const OutgoingSenderReport& report : contribution.sender_reports) {
      add_item({.sender_reports = {&report, 1}});
    }
    for (const ReportBlock& block : contribution.blocks) {
      add_item({.blocks = {&block, 1}, .reference_time = contribution.reference_time});
    }
    for (const SdesChunk& chunk : contribution.chunks) {
      add_item({.chunks = {&chunk, 1}});
    }
    for (const DlrrItem& item : contribution.dlrr) {
      add_item({.dlrr = {&item, 1}});
    }
  }

  /// Hands the rest to `send(Bytes)`, unless it has neither an SR nor an RR, and empties the
  /// builder.
  template <class Send>
  void finish(MutableBytes buffer, Send&& send) {
    if (has_report()) {
      flush(buffer, send);
    }
    clear();
  }

 private:
  // Capacities: what the budget holds of the smallest item of each kind; for SDES, beside the SR
  // that each chunk comes with.
  static constexpr size_t kMaxReports = kRtcpBudget / SenderReport::kWireSize;
  static constexpr size_t kMaxBlocks = kRtcpBudget / ReportBlock::kWireSize;
  static constexpr size_t kMaxChunks = 2 * kMaxCount;
  static constexpr size_t kMaxDlrr = kRtcpBudget / DlrrItem::kWireSize;

  template <class Send>
  void flush(MutableBytes buffer, Send&& send) {
    if (!empty()) {
      ByteWriter writer(buffer);
      if (write(writer)) {
        send(Bytes(writer.written()));
      }
    }
    clear();
  }

  /// Bytes of a compound with these numbers of items.
  static size_t size_of(size_t reports, size_t blocks, size_t chunks, size_t chunk_bytes,
                        size_t dlrr, bool reference_time);

  Ssrc sender_;
  size_t budget_;
  size_t reports_count_ = 0;
  size_t blocks_count_ = 0;
  size_t chunks_count_ = 0;
  size_t chunk_bytes_ = 0;
  size_t dlrr_count_ = 0;
  std::optional<NtpTime> reference_time_;
  std::array<OutgoingSenderReport, kMaxReports> reports_;
  std::array<ReportBlock, kMaxBlocks> blocks_;
  std::array<SdesChunk, kMaxChunks> chunks_;
  std::array<DlrrItem, kMaxDlrr> dlrr_;
};

}  // namespace sluice::rtcp
