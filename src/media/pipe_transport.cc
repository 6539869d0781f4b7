#include "media/pipe_transport.h"

#include <boost/json.hpp>

#include "media/producer.h"

namespace sluice::media {

Result<void> PipeTransport::start(const PipeTransportOptions& options) {
  rtx_ = options.enable_rtx;
  if (options.enable_srtp) {
    enable_srtp(ortc::kPipeSrtpCryptoSuite);
  }
  return listen(options.listen, /*rtcp=*/{}, /*comedia=*/false, options.sctp);
}

Result<void> PipeTransport::connect(const PipeRemote& remote) {
  if (auto checked = check_connect(remote.srtp_parameters); !checked) {
    return checked;
  }
  if (remote.srtp_parameters &&
      remote.srtp_parameters->crypto_suite != ortc::kPipeSrtpCryptoSuite) {
    return type_error("srtpParameters.cryptoSuite is " +
                      std::string(ortc::to_text(remote.srtp_parameters->crypto_suite)) +
                      ", expected " + std::string(ortc::to_text(ortc::kPipeSrtpCryptoSuite)));
  }
  const auto address = parse_remote(remote.ip, remote.port);
  if (!address) {
    return std::unexpected(address.error());
  }
  connect_loop(*address, {}, remote.srtp_parameters);
  return {};
}

Result<ortc::NegotiatedConsumer> PipeTransport::negotiate(const Producer& producer,
                                                          const ConsumeOptions& /*options*/,
                                                          ortc::SsrcAllocator& ssrcs) {
  return ortc::negotiate_pipe_consumer(producer.consumable_rtp_parameters(), rtx_, ssrcs);
}

void PipeTransport::describe(boost::json::object& out) const {
  UdpTransport::describe(out);
  out["rtx"] = rtx_;
}

}  // namespace sluice::media
