// SCTP of a transport and of its data channels: announced parameters, the derivation of a data
// consumer's stream from its data producer, and the outgoing stream ids (ortc-model 5.1, 5.3, 5.4).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"

namespace sluice::ortc {

/// Both ends always use this SCTP port.
inline constexpr uint16_t kSctpPort = 5000;
/// The highest stream id of a data channel; 65535 is reserved (RFC 8832 section 6).
inline constexpr uint16_t kMaxSctpStreamId = 65534;

/// The `numSctpStreams` option.
struct NumSctpStreams {
  uint16_t os = 1024;   ///< initial number of outgoing streams
  uint16_t mis = 1024;  ///< maximum number of incoming streams

  friend bool operator==(const NumSctpStreams&, const NumSctpStreams&) = default;
};

/// `transport.sctpParameters`. Sizes in bytes.
struct SctpParameters {
  uint16_t port = kSctpPort;
  uint16_t os = 1024;
  uint16_t mis = 1024;
  uint32_t max_send_message_size = 262144;
  uint32_t max_receive_message_size = 262144;  ///< also announced as `maxMessageSize`
  // Members that the baseline adds; clients ignore them.
  std::optional<uint32_t> send_buffer_size;
  std::optional<uint32_t> buffered_amount;
  std::optional<bool> is_data_channel;  ///< true on WebRTC transports only

  friend bool operator==(const SctpParameters&, const SctpParameters&) = default;
};

/// Parameters of one data channel, normalised: a lifetime of zero is absent, and at most one of
/// the two lifetimes is set, in which case the channel is unordered.
struct SctpStreamParameters {
  uint16_t stream_id = 0;
  bool ordered = true;
  std::optional<uint16_t> max_packet_life_time;  ///< milliseconds
  std::optional<uint16_t> max_retransmits;

  friend bool operator==(const SctpStreamParameters&, const SctpStreamParameters&) = default;
};

/// What `consumeData` may ask for instead of the data producer's own reliability.
struct SctpStreamOverrides {
  std::optional<bool> ordered;
  std::optional<uint16_t> max_packet_life_time;  ///< milliseconds; absent instead of zero
  std::optional<uint16_t> max_retransmits;       ///< absent instead of zero
};

/// What a transport with SCTP announces. `max_message_size`: largest message it accepts, in bytes.
[[nodiscard]] SctpParameters make_sctp_parameters(const NumSctpStreams& streams,
                                                  uint32_t max_message_size);

/// Ordered delivery excludes both lifetimes, which exclude each other; the id must be usable.
/// Errors: kType.
[[nodiscard]] Result<void> check_sctp_stream_parameters(const SctpStreamParameters& parameters);

/// Reliability of a data consumer that receives over SCTP. `producer` is null when the data
/// producer is not of SCTP type. The stream id of the result is `stream_id`.
/// Errors: kType when both lifetimes are asked for.
[[nodiscard]] Result<SctpStreamParameters> derive_data_consumer_stream(
    const SctpStreamParameters* producer, const SctpStreamOverrides& overrides, uint16_t stream_id);

/// Outgoing stream ids of one transport: a ring over 0 … streams−1. The search starts behind the
/// last id that was handed out, so a released id rests as long as possible.
class SctpStreamIdAllocator {
 public:
  /// `streams`: the MIS of the transport (the baseline sizes the outgoing ids by it).
  explicit SctpStreamIdAllocator(uint16_t streams);

  /// Errors: kGeneric when all ids are taken.
  [[nodiscard]] Result<uint16_t> allocate();
  /// Gives `id` back; harmless when it is not taken.
  void release(uint16_t id);

 private:
  std::vector<bool> taken_;
  size_t next_ = 0;
};

/// Subchannel numbers as a sorted set; each wraps at 65536.
[[nodiscard]] std::vector<uint16_t> normalise_subchannels(std::span<const int64_t> numbers);

}  // namespace sluice::ortc
