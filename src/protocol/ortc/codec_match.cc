#include "protocol/ortc/codec_match.h"

#include <optional>
#include <string>

#include "protocol/ortc/h264_profile_level_id.h"

namespace sluice::ortc {
namespace {

/// Equal in presence, type and value.
bool same_parameter(const RtpCodec& a, const RtpCodec& b, std::string_view key) {
  const ParameterValue* left = a.parameters.find(key);
  const ParameterValue* right = b.parameters.find(key);
  return left == nullptr || right == nullptr ? left == right : *left == *right;
}

/// Equal in type and value, where anything falsy counts as the number 0.
bool same_parameter_or_zero(const RtpCodec& a, const RtpCodec& b, std::string_view key) {
  const auto value_of = [&](const RtpCodec& codec) {
    const ParameterValue* value = codec.parameters.find(key);
    return value != nullptr && is_truthy(*value) ? *value : ParameterValue(int64_t{0});
  };
  return value_of(a) == value_of(b);
}

bool is_codec(const RtpCodec& codec, std::string_view mime_type) {
  return equals_ignoring_case(codec.mime_type, mime_type);
}

/// The same where absent means that value.
bool same_parameter_or(const RtpCodec& a, const RtpCodec& b, std::string_view key,
                       const ParameterValue& absent) {
  const auto value_of = [&](const RtpCodec& codec) {
    const ParameterValue* value = codec.parameters.find(key);
    return value != nullptr ? *value : absent;
  };
  return value_of(a) == value_of(b);
}

/// What a decoder has to be made for; levels only bound what it is sent (RFC 7798 section 7.2.2).
bool h265_fits(const RtpCodec& a, const RtpCodec& b) {
  return same_parameter_or(a, b, "profile-id", int64_t{1}) &&
         same_parameter_or(a, b, "tier-flag", int64_t{0}) &&
         same_parameter_or(a, b, "tx-mode", std::string("SRST"));
}

bool h264_fits(const RtpCodec& a, const RtpCodec& b) {
  if (!same_parameter_or_zero(a, b, "packetization-mode")) {
    return false;
  }
  const auto ours = h264_profile_level(a.parameters);
  const auto theirs = h264_profile_level(b.parameters);
  return ours && theirs && ours->profile == theirs->profile &&
         answer_h264_profile_level_id(a.parameters, b.parameters).has_value();
}

}  // namespace

bool codecs_match(const RtpCodec& a, const RtpCodec& b, CodecMatch mode) {
  if (!is_codec(a, b.mime_type) || a.clock_rate != b.clock_rate || a.channels != b.channels) {
    return false;
  }
  if (is_codec(a, "audio/multiopus")) {
    return same_parameter(a, b, "num_streams") && same_parameter(a, b, "coupled_streams");
  }
  if (mode == CodecMatch::kLoose) {
    return true;
  }
  if (is_codec(a, "video/H264")) {
    return h264_fits(a, b);
  }
  if (is_codec(a, "video/H265")) {
    return h265_fits(a, b);
  }
  if (is_codec(a, "video/VP9")) {
    return same_parameter_or_zero(a, b, "profile-id");
  }
  return true;
}

bool match_and_adapt_codec(RtpCodec& local, const RtpCodec& remote) {
  if (!codecs_match(local, remote, CodecMatch::kStrict)) {
    return false;
  }
  if (is_codec(local, "video/H264")) {
    const auto answer = answer_h264_profile_level_id(local.parameters, remote.parameters);
    if (answer->has_value()) {
      local.parameters.set("profile-level-id", **answer);
    } else {
      local.parameters.erase("profile-level-id");
    }
  }
  return true;
}

}  // namespace sluice::ortc
