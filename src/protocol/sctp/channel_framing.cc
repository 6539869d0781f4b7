#include "protocol/sctp/channel_framing.h"

#include <utility>

namespace sluice::sctp {
namespace {

constexpr uint32_t partial_of(uint32_t ppid) {
  return ppid == ppid::kString   ? ppid::kStringPartial
         : ppid == ppid::kBinary ? ppid::kBinaryPartial
                                 : 0;
}

}  // namespace

std::optional<ReassembledMessage> ChannelFraming::accept(ReassembledMessage message) {
  switch (message.ppid) {
    case ppid::kDcep:
      ++dcep_ignored_;
      return std::nullopt;
    case ppid::kStringPartial:
    case ppid::kBinaryPartial:
      keep(std::move(message));
      return std::nullopt;
    case ppid::kEmptyString:
    case ppid::kEmptyBinary:
      message.payload.clear();
      return message;
    default:
      break;
  }
  const auto parts = parts_.find(message.stream);
  if (parts == parts_.end()) {
    return message;
  }
  if (parts->second.ppid != partial_of(message.ppid)) {
    drop(parts);  // of a message that never ended
    return message;
  }
  const uint32_t ppid = message.ppid;
  keep(std::move(message));
  ReassembledMessage joined = std::move(parts->second);
  held_ -= joined.payload.size() + Reassembly::kOverhead;
  parts_.erase(parts);
  joined.ppid = ppid;
  return joined;
}

void ChannelFraming::keep(ReassembledMessage&& part) {
  auto parts = parts_.find(part.stream);
  if (parts != parts_.end() && parts->second.ppid != part.ppid &&
      parts->second.ppid != partial_of(part.ppid)) {
    drop(parts);
    parts = parts_.end();
  }
  if (parts == parts_.end()) {
    held_ += Reassembly::kOverhead;
    parts = parts_
                .emplace(part.stream,
                         ReassembledMessage{
                             .stream = part.stream, .ppid = part.ppid, .unordered = part.unordered})
                .first;
  }
  ReassembledMessage& whole = parts->second;
  const bool too_large = part.too_large ||
                         whole.payload.size() + part.payload.size() > max_message_size_ ||
                         held_ + part.payload.size() > max_held_;
  if (too_large && !whole.too_large) {
    held_ -= whole.payload.size();
    whole.too_large = true;
    whole.payload = {};
  }
  if (!whole.too_large) {
    held_ += part.payload.size();
    whole.payload.insert(whole.payload.end(), part.payload.begin(), part.payload.end());
  }
}

void ChannelFraming::drop(Parts::iterator parts) {
  held_ -= parts->second.payload.size() + Reassembly::kOverhead;
  parts_.erase(parts);
}

void ChannelFraming::reset(uint16_t stream) {
  if (const auto parts = parts_.find(stream); parts != parts_.end()) {
    drop(parts);
  }
}

void ChannelFraming::reset_all() {
  parts_.clear();
  held_ = 0;
}

WirePayload to_wire(uint32_t ppid, Bytes payload) {
  if (!payload.empty()) {
    return {.ppid = ppid, .bytes = {payload.begin(), payload.end()}};
  }
  const uint32_t empty = ppid == ppid::kString   ? ppid::kEmptyString
                         : ppid == ppid::kBinary ? ppid::kEmptyBinary
                                                 : ppid;
  return {.ppid = empty, .bytes = {0}};
}

}  // namespace sluice::sctp
