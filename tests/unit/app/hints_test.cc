// URLs and warnings at the start.
#include "app/hints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::app {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

SocketAddress at(std::string_view text, uint16_t port = 8080) {
  return {ip(text), port};
}

const std::vector<IpAddress> kPrivate = {ip("192.168.1.5"), ip("fd00::5")};
const std::vector<IpAddress> kPublic = {ip("203.0.113.9"), ip("10.0.0.1")};

Configuration with_tls() {
  Configuration configuration;
  configuration.http.tls_certificate = "c.pem";
  return configuration;
}

TEST(Hints, MainUrlIsTheOneOfThisMachine) {
  EXPECT_EQ(main_url({}, at("0.0.0.0")), "http://localhost:8080/");
  EXPECT_EQ(main_url({}, at("::")), "http://localhost:8080/");
  EXPECT_EQ(main_url({}, at("127.0.0.1")), "http://localhost:8080/");
  EXPECT_EQ(main_url({}, at("192.168.1.5")), "http://192.168.1.5:8080/");
  EXPECT_EQ(main_url({}, at("fd00::5")), "http://[fd00::5]:8080/");
}

TEST(Hints, UrlsKnowTlsAndTheUsualPorts) {
  EXPECT_EQ(main_url(with_tls(), at("0.0.0.0")), "https://localhost:8080/");
  EXPECT_EQ(main_url(with_tls(), at("0.0.0.0", 443)), "https://localhost/");
  EXPECT_EQ(main_url({}, at("0.0.0.0", 80)), "http://localhost/");
  EXPECT_EQ(main_url({}, at("0.0.0.0", 443)), "http://localhost:443/");
}

TEST(Hints, OtherMachinesGetTheirUrls) {
  EXPECT_THAT(network_urls({}, at("0.0.0.0"), kPrivate), ElementsAre("http://192.168.1.5:8080/"));
  EXPECT_THAT(network_urls({}, at("127.0.0.1"), kPrivate), IsEmpty());
}

TEST(Hints, PrivateAddressesNeedAnAnnouncedOne) {
  EXPECT_THAT(start_hints(with_tls(), at("0.0.0.0"), kPrivate, hint_words(false)),
              ElementsAre(AllOf(HasSubstr("192.168.1.5"),
                                HasSubstr("media.announced_address (--announced-address, "
                                          "SLUICE_MEDIA_ANNOUNCED_ADDRESS)"),
                                HasSubstr("10000 to 10100"))));
}

TEST(Hints, AListenAddressThatIsPrivateNeedsOneToo) {
  Configuration configuration = with_tls();
  configuration.media.listen = {"10.1.2.3"};
  EXPECT_THAT(start_hints(configuration, at("0.0.0.0"), kPublic, hint_words(false)),
              ElementsAre(HasSubstr("10.1.2.3")));
}

TEST(Hints, NothingIsSaidWhenAnAddressIsPublicOrAnnounced) {
  EXPECT_THAT(start_hints(with_tls(), at("0.0.0.0"), kPublic, hint_words(false)), IsEmpty());
  Configuration announced = with_tls();
  announced.media.announced_address = "203.0.113.9";
  EXPECT_THAT(start_hints(announced, at("0.0.0.0"), kPrivate, hint_words(false)), IsEmpty());
  Configuration single = with_tls();
  single.media.listen = {"10.0.0.1=203.0.113.9"};
  EXPECT_THAT(start_hints(single, at("0.0.0.0"), kPrivate, hint_words(false)), IsEmpty());
}

TEST(Hints, CameraNeedsHttps) {
  EXPECT_THAT(start_hints({}, at("0.0.0.0"), kPublic, hint_words(false)),
              ElementsAre(AllOf(HasSubstr("camera"), HasSubstr("http.tls_certificate"))));
  Configuration self_signed;
  self_signed.http.tls_self_signed = true;
  EXPECT_THAT(start_hints(self_signed, at("0.0.0.0"), kPublic, hint_words(false)), IsEmpty());
}

TEST(Hints, ATrialOnThisMachineNeedsNothing) {
  EXPECT_THAT(start_hints({}, at("127.0.0.1"), kPrivate, hint_words(false)), IsEmpty());
}

TEST(Hints, TheDropInModeSpeaksOfItsOwnVariables) {
  EXPECT_THAT(start_hints({}, at("0.0.0.0"), kPrivate, hint_words(true)),
              ElementsAre(HasSubstr("MEDIASOUP_ANNOUNCED_IP"), HasSubstr("MEDIASOUP_TLS_CERT")));
}

TEST(Hints, APortInUseComesWithTheWayOut) {
  EXPECT_EQ(listen_failure("cannot listen on 0.0.0.0:8080: Address already in use", false),
            "cannot listen on 0.0.0.0:8080: Address already in use (another program has the port; "
            "choose another with --port or SLUICE_HTTP_PORT)");
  EXPECT_THAT(listen_failure("cannot listen on 0.0.0.0:3000: Address already in use", true),
              HasSubstr("MEDIASOUP_LISTEN_ADDR"));
}

TEST(Hints, OtherBindFailuresAreExplained) {
  EXPECT_THAT(listen_failure("cannot listen on 1.2.3.4:80: Cannot assign requested address", false),
              HasSubstr("no interface of this machine has it"));
  EXPECT_THAT(listen_failure("cannot listen on 0.0.0.0:80: Permission denied", false),
              HasSubstr("CAP_NET_BIND_SERVICE"));
  EXPECT_EQ(listen_failure("something else", false), "something else");
}

TEST(Hints, MissingMediaPortsNameTheirSettings) {
  EXPECT_EQ(media_failure("no more available ports (udp 0.0.0.0, ports 1..2)", false),
            "cannot start the media workers: no more available ports (udp 0.0.0.0, ports 1..2) "
            "(each worker needs one: media.workers, media.min_port, media.max_port)");
  EXPECT_THAT(media_failure("no more available ports", true), HasSubstr("MEDIASOUP_NUM_WORKERS"));
}

}  // namespace
}  // namespace sluice::app
