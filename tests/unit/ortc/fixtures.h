// JSON texts in and out for the tests of ORTC, the routers and endpoints that the conformance rows
// of ortc-model section 8 name, and a transport to produce and consume on. Keeps Boost.JSON out of
// the tests themselves.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/ortc/algorithms.h"
#include "protocol/ortc/json.h"
#include "support/rtp_fixtures.h"

namespace sluice::ortc {

/// The text of a JSON value with sorted members and no spaces: equal texts are equal values.
std::string normal(std::string_view json);

/// What the module writes for a value, in normal form. Defined for every type that json.h writes.
template <class T>
std::string text_of(const T& value);
std::string dump_of(const RtpParameters& parameters);
/// One member of it, e.g. "codecs"; "absent" when it is not there.
std::string member_of(const RtpParameters& parameters, std::string_view member);
std::string member_of(const RtpCapabilities& capabilities, std::string_view member);

/// What the module reads from a JSON text; an empty text stands for an absent member. Defined for
/// every type that json.h reads; std::vector<uint16_t> are subchannels,
/// std::vector<std::string> trace event types.
template <class T>
Result<T> read(std::string_view json);

/// Outcome of parsing a text as JSON.
std::string parsing(std::string_view text);

/// What the module reads from what it writes for `value`, without a text between: such numbers have
/// other kinds in memory than parsed ones. Defined for RTP and SCTP stream values.
template <class T>
Result<T> reread(const T& value);

/// "ok" or the name of the error.
template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "ok" : result.error().name();
}

/// The value; an error fails the test.
template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error(result.error().message);
  }
  return std::move(*result);
}

/// Outcome of reading `json` as a T.
template <class T>
std::string reading(std::string_view json) {
  return outcome(read<T>(json));
}

/// Router capabilities of `mediaCodecs`.
Result<RtpCapabilities> router_of(std::string_view media_codecs);

std::vector<int> payload_types(const RtpCapabilities& capabilities);
std::vector<int> payload_types(const RtpParameters& parameters);
std::vector<int> extension_ids(const RtpParameters& parameters);
/// E.g. "nack,nack pli" for the codec at `index`.
std::string feedback(const RtpParameters& parameters, size_t index = 0);

using test::kAudioProducer;
using test::kEndpointCapabilities;
using test::kMediaCodecs;
using test::kVideoProducer;

/// One WebRTC transport of a router. Made-up SSRCs are predictable: each request gets the first of
/// its own block, 100000000, 100000032, 100000064, …
class TestTransport {
 public:
  explicit TestTransport(std::string_view media_codecs = kMediaCodecs);

  /// As the transport does: negotiation, then the registry.
  Result<NegotiatedProducer> produce(MediaKind kind, std::string_view rtp_parameters);
  Result<NegotiatedProducer> produce_audio(std::string_view rtp_parameters = kAudioProducer);
  Result<NegotiatedProducer> produce_video(std::string_view rtp_parameters = kVideoProducer);
  void close(const NegotiatedProducer& producer);

  /// `request.rtp_capabilities` are read from `capabilities`.
  Result<NegotiatedConsumer> consume(const NegotiatedProducer& producer,
                                     std::string_view capabilities, ConsumerRequest request = {});

  RtpCapabilities router;
  CnamePolicy cname;
  RtpIdRegistry ids;
  MidAllocator mids;
  SsrcAllocator ssrcs{0, 1};
};

/// Kind of a producer's first codec.
MediaKind kind_of(const NegotiatedProducer& producer);

}  // namespace sluice::ortc
