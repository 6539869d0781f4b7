#include "protocol/rtcp/compound_builder.h"

#include <algorithm>

namespace sluice::rtcp {
namespace {

/// How many packets `items` need at 31 a packet.
constexpr size_t packets_for(size_t items) {
  return (items + kMaxCount - 1) / kMaxCount;
}

/// Calls `write` for each packet's share of `items`.
template <class T, class Write>
void in_packets(std::span<const T> items, Write&& write) {
  while (!items.empty()) {
    const size_t count = std::min(items.size(), kMaxCount);
    write(items.first(count));
    items = items.subspan(count);
  }
}

}  // namespace

CompoundBuilder::CompoundBuilder(Ssrc sender, size_t budget)
    : sender_(sender), budget_(std::min(budget, kRtcpBudget)) {}

size_t CompoundBuilder::size_of(size_t reports, size_t blocks, size_t chunks, size_t chunk_bytes,
                                size_t dlrr, bool reference_time) {
  const bool tells_time = reference_time && blocks > 0;
  return reports * SenderReport::kWireSize + packets_for(blocks) * ReceiverReport::kHeaderSize +
         blocks * ReportBlock::kWireSize + packets_for(chunks) * kCommonHeaderSize + chunk_bytes +
         (tells_time || dlrr > 0 ? extended_report_size(tells_time, dlrr) : 0);
}

bool CompoundBuilder::add(const ReportContribution& contribution) {
  const size_t reports = reports_count_ + contribution.sender_reports.size();
  const size_t blocks = blocks_count_ + contribution.blocks.size();
  const size_t chunks = chunks_count_ + contribution.chunks.size();
  const size_t dlrr = dlrr_count_ + contribution.dlrr.size();
  size_t chunk_bytes = chunk_bytes_;
  for (const SdesChunk& chunk : contribution.chunks) {
    chunk_bytes += chunk.wire_size();
  }
  const bool reference_time = reference_time_ || contribution.reference_time;
  if (reports > kMaxReports || blocks > kMaxBlocks || chunks > kMaxChunks || dlrr > kMaxDlrr ||
      size_of(reports, blocks, chunks, chunk_bytes, dlrr, reference_time) > budget_) {
    return false;
  }

  std::ranges::copy(contribution.sender_reports, reports_.begin() + reports_count_);
  std::ranges::copy(contribution.blocks, blocks_.begin() + blocks_count_);
  std::ranges::copy(contribution.chunks, chunks_.begin() + chunks_count_);
  std::ranges::copy(contribution.dlrr, dlrr_.begin() + dlrr_count_);
  reports_count_ = reports;
  blocks_count_ = blocks;
  chunks_count_ = chunks;
  chunk_bytes_ = chunk_bytes;
  dlrr_count_ = dlrr;
  if (!reference_time_) {
    reference_time_ = contribution.reference_time;
  }
  return true;
}

bool CompoundBuilder::empty() const {
  return reports_count_ == 0 && blocks_count_ == 0 && chunks_count_ == 0 && dlrr_count_ == 0;
}

size_t CompoundBuilder::size() const {
  return size_of(reports_count_, blocks_count_, chunks_count_, chunk_bytes_, dlrr_count_,
                 reference_time_.has_value());
}

bool CompoundBuilder::write(ByteWriter& writer) const {
  if (writer.remaining() < size()) {
    return false;
  }
  for (size_t i = 0; i < reports_count_; ++i) {
    write_sender_report(writer, reports_[i].ssrc, reports_[i].info);
  }
  in_packets(std::span(blocks_).first(blocks_count_), [&](std::span<const ReportBlock> blocks) {
    write_receiver_report(writer, sender_, blocks);
  });
  in_packets(std::span(chunks_).first(chunks_count_),
             [&](std::span<const SdesChunk> chunks) { write_source_description(writer, chunks); });
  const auto reference_time = blocks_count_ > 0 ? reference_time_ : std::nullopt;
  if (reference_time || dlrr_count_ > 0) {
    write_extended_report(writer, sender_, reference_time, std::span(dlrr_).first(dlrr_count_));
  }
  return true;
}

void CompoundBuilder::clear() {
  reports_count_ = 0;
  blocks_count_ = 0;
  chunks_count_ = 0;
  chunk_bytes_ = 0;
  dlrr_count_ = 0;
  reference_time_.reset();
}

}  // namespace sluice::rtcp
