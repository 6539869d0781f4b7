#include "protocol/ortc/sctp_parameters.h"

#include <algorithm>

namespace sluice::ortc {

SctpParameters make_sctp_parameters(const NumSctpStreams& streams, uint32_t max_message_size) {
  SctpParameters parameters;
  parameters.os = streams.os;
  parameters.mis = streams.mis;
  parameters.max_send_message_size = max_message_size;
  parameters.max_receive_message_size = max_message_size;
  return parameters;
}

Result<void> check_sctp_stream_parameters(const SctpStreamParameters& parameters) {
  if (parameters.stream_id > kMaxSctpStreamId) {
    return type_error("sctpStreamParameters.streamId: got " + std::to_string(parameters.stream_id) +
                      ", expected at most " + std::to_string(kMaxSctpStreamId));
  }
  if (parameters.max_packet_life_time && parameters.max_retransmits) {
    return type_error(
        "sctpStreamParameters: got both maxPacketLifeTime and maxRetransmits, expected one at "
        "most");
  }
  if (parameters.ordered && (parameters.max_packet_life_time || parameters.max_retransmits)) {
    return type_error(
        "sctpStreamParameters: got ordered true with maxPacketLifeTime or maxRetransmits, which "
        "need ordered false");
  }
  return {};
}

Result<SctpStreamParameters> derive_data_consumer_stream(const SctpStreamParameters* producer,
                                                         const SctpStreamOverrides& overrides,
                                                         uint16_t stream_id) {
  SctpStreamParameters stream = producer != nullptr ? *producer : SctpStreamParameters{};
  stream.stream_id = stream_id;
  const bool wants_lifetime = overrides.max_packet_life_time || overrides.max_retransmits;
  if (overrides.ordered == true) {
    stream.ordered = true;
    stream.max_packet_life_time.reset();
    stream.max_retransmits.reset();
  } else if (wants_lifetime) {
    // The inherited lifetime of the other sort goes: both together cannot be expressed.
    stream.ordered = false;
    stream.max_packet_life_time = overrides.max_packet_life_time;
    stream.max_retransmits = overrides.max_retransmits;
  } else if (overrides.ordered == false) {
    stream.ordered = false;
  }
  if (const Result<void> checked = check_sctp_stream_parameters(stream); !checked) {
    return std::unexpected(checked.error());
  }
  return stream;
}

SctpStreamIdAllocator::SctpStreamIdAllocator(uint16_t streams)
    : taken_(std::min<size_t>(streams, size_t{kMaxSctpStreamId} + 1)) {}

Result<uint16_t> SctpStreamIdAllocator::allocate() {
  for (size_t tried = 0; tried < taken_.size(); ++tried) {
    const size_t id = (next_ + tried) % taken_.size();
    if (!taken_[id]) {
      taken_[id] = true;
      next_ = id + 1;
      return static_cast<uint16_t>(id);
    }
  }
  return generic_error("no free SCTP stream id: all " + std::to_string(taken_.size()) +
                       " are in use (numSctpStreams.MIS of the transport)");
}

void SctpStreamIdAllocator::release(uint16_t id) {
  if (id < taken_.size()) {
    taken_[id] = false;
  }
}

std::vector<uint16_t> normalise_subchannels(std::span<const int64_t> numbers) {
  std::vector<uint16_t> set;
  set.reserve(numbers.size());
  for (const int64_t number : numbers) {
    set.push_back(static_cast<uint16_t>(number));
  }
  std::ranges::sort(set);
  const auto repeated = std::ranges::unique(set);
  set.erase(repeated.begin(), repeated.end());
  return set;
}

}  // namespace sluice::ortc
