#include "protocol/ortc/rtp_id_registry.h"

#include <vector>

#include "protocol/ortc/excerpt.h"

namespace sluice::ortc {
namespace {

std::vector<Ssrc> ssrcs_of(const RtpParameters& parameters) {
  std::vector<Ssrc> ssrcs;
  for (const RtpEncodingParameters& encoding : parameters.encodings) {
    if (encoding.ssrc) {
      ssrcs.push_back(*encoding.ssrc);
    }
    if (encoding.rtx_ssrc) {
      ssrcs.push_back(*encoding.rtx_ssrc);
    }
  }
  return ssrcs;
}

}  // namespace

Result<void> RtpIdRegistry::add(const RtpParameters& parameters) {
  if (!parameters.mid.empty() && mids_.contains(parameters.mid)) {
    return generic_error("rtpParameters.mid: " + excerpt(parameters.mid) +
                         " is already in use on this transport, expected a free one");
  }
  if (Result<void> added = add_ssrcs(parameters); !added) {
    return added;
  }
  if (Result<void> added = add_rids(parameters); !added) {
    remove_ssrcs(parameters);
    return added;
  }
  if (!parameters.mid.empty()) {
    mids_.insert(parameters.mid);
  }
  return {};
}

Result<void> RtpIdRegistry::add_ssrcs(const RtpParameters& parameters) {
  const std::vector<Ssrc> ssrcs = ssrcs_of(parameters);
  for (size_t i = 0; i < ssrcs.size(); ++i) {
    if (!ssrcs_.insert(ssrcs[i]).second) {
      for (size_t taken = 0; taken < i; ++taken) {
        ssrcs_.erase(ssrcs[taken]);
      }
      return generic_error("rtpParameters.encodings: ssrc " + std::to_string(ssrcs[i].value) +
                           " is already in use on this transport, expected a free one");
    }
  }
  return {};
}

Result<void> RtpIdRegistry::add_rids(const RtpParameters& parameters) {
  const bool must_be_free = parameters.mid.empty();
  for (size_t i = 0; i < parameters.encodings.size(); ++i) {
    const std::string& rid = parameters.encodings[i].rid;
    if (rid.empty()) {
      continue;
    }
    uint32_t& uses = rids_[rid];
    if (must_be_free && uses != 0) {
      // Everything taken so far was free before, so its only use is ours.
      for (size_t taken = 0; taken < i; ++taken) {
        rids_.erase(parameters.encodings[taken].rid);
      }
      return generic_error("rtpParameters.encodings: rid " + excerpt(rid) +
                           " is already in use on this transport and there is no mid to tell the "
                           "producers apart");
    }
    ++uses;
  }
  return {};
}

void RtpIdRegistry::remove(const RtpParameters& parameters) {
  mids_.erase(parameters.mid);
  remove_ssrcs(parameters);
  for (const RtpEncodingParameters& encoding : parameters.encodings) {
    const auto it = rids_.find(encoding.rid);
    if (it != rids_.end() && --it->second == 0) {
      rids_.erase(it);
    }
  }
}

void RtpIdRegistry::remove_ssrcs(const RtpParameters& parameters) {
  for (const Ssrc ssrc : ssrcs_of(parameters)) {
    ssrcs_.erase(ssrc);
  }
}

}  // namespace sluice::ortc
