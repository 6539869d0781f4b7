// What two ends of a transport tell each other, in JSON (ortc-model 1.3, 1.7, 1.8, 2.6).
#include <gmock/gmock.h>

#include "protocol/ortc/base64.h"
#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::HasSubstr;
using testing::Not;

// ---- DTLS

std::string dtls(std::string_view json) {
  return reading<DtlsParameters>(json);
}

TEST(DtlsParametersJson, RoleDefaultsToAuto) {
  const DtlsParameters parameters = must(
      read<DtlsParameters>(R"({"fingerprints": [{"algorithm": "sha-256", "value": "82:5A"}]})"));
  EXPECT_EQ(parameters.role, DtlsRole::kAuto);
  EXPECT_EQ(text_of(parameters), normal(R"({"role": "auto",
                       "fingerprints": [{"algorithm": "sha-256", "value": "82:5A"}]})"));
}

TEST(DtlsParametersJson, EveryRoleAndAlgorithm) {
  for (const std::string_view role : kDtlsRoleNames) {
    for (const std::string_view algorithm : kFingerprintAlgorithmNames) {
      const std::string json = R"({"fingerprints":[{"algorithm":")" + std::string(algorithm) +
                               R"(","value":"00"}],"role":")" + std::string(role) + R"("})";
      EXPECT_EQ(text_of(must(read<DtlsParameters>(json))), json);
    }
  }
}

TEST(DtlsParametersJson, Ortc41WrongArguments) {  // ORTC-41
  for (const std::string_view json :
       {std::string_view(""), std::string_view("{}"), std::string_view("null"),
        std::string_view(R"({"fingerprints": []})"), std::string_view(R"({"fingerprints": {}})"),
        std::string_view(R"({"fingerprints": [1]})"),
        std::string_view(R"({"fingerprints": [{"algorithm": "sha-256000", "value": "82:5A"}]})"),
        std::string_view(R"({"fingerprints": [{"algorithm": 256, "value": "82:5A"}]})"),
        std::string_view(R"({"fingerprints": [{"algorithm": "sha-256"}]})"),
        std::string_view(R"({"fingerprints": [{"algorithm": "sha-256", "value": ""}]})"),
        std::string_view(R"({"role": "chicken",
                             "fingerprints": [{"algorithm": "sha-256", "value": "82:5A"}]})"),
        std::string_view(R"({"role": 1,
                             "fingerprints": [{"algorithm": "sha-256", "value": "82:5A"}]})")}) {
    EXPECT_EQ(dtls(json), "TypeError") << json;
  }
}

TEST(DtlsParametersJson, FingerprintsHaveALimit) {
  std::string list;
  for (size_t i = 0; i < kMaxFingerprints + 1; ++i) {
    list += std::string(i == 0 ? "" : ",") + R"({"algorithm": "sha-256", "value": "82"})";
  }
  EXPECT_EQ(dtls(R"({"fingerprints": [)" + list + "]}"), "TypeError");
}

TEST(DtlsParametersJson, LocalRoleIsTheOther) {
  EXPECT_EQ(local_dtls_role(DtlsRole::kClient), DtlsRole::kServer);
  EXPECT_EQ(local_dtls_role(DtlsRole::kServer), DtlsRole::kClient);
  EXPECT_EQ(local_dtls_role(DtlsRole::kAuto), DtlsRole::kClient);
}

// ---- trace events

TEST(TraceEventTypesJson, Ortc46MustBeAListOfTexts) {  // ORTC-46, ORTC-95
  EXPECT_EQ(must(read<std::vector<std::string>>(R"(["foo", "probation"])")),
            (std::vector<std::string>{"foo", "probation"}));
  EXPECT_TRUE(must(read<std::vector<std::string>>("")).empty());
  EXPECT_TRUE(must(read<std::vector<std::string>>("[]")).empty());
  for (const std::string_view json :
       {"123", R"("probation")", R"(["probation", 123.123])", "null", "{}", "[0]"}) {
    EXPECT_EQ(reading<std::vector<std::string>>(json), "TypeError") << json;
  }
  std::string long_list = "[\"a\"";
  for (size_t i = 0; i < kMaxTraceEventTypes; ++i) {
    long_list += ", \"a\"";
  }
  EXPECT_EQ(reading<std::vector<std::string>>(long_list + "]"), "TypeError");
}

// ---- SRTP

/// Parameters with a key of `size` bytes.
std::string srtp(std::string_view suite, size_t size) {
  return R"({"cryptoSuite": ")" + std::string(suite) + R"(", "keyBase64": ")" +
         encode_base64(std::vector<uint8_t>(size, 0xA5)) + R"("})";
}

TEST(SrtpParametersJson, KeyLengthOfEverySuite) {
  struct Row {
    std::string_view suite;
    size_t bytes;
    size_t text;
  };
  for (const Row& row :
       {Row{"AEAD_AES_256_GCM", 44, 60}, Row{"AEAD_AES_128_GCM", 28, 40},
        Row{"AES_CM_128_HMAC_SHA1_80", 30, 40}, Row{"AES_CM_128_HMAC_SHA1_32", 30, 40}}) {
    const SrtpParameters parameters = must(read<SrtpParameters>(srtp(row.suite, row.bytes)));
    EXPECT_EQ(to_text(parameters.crypto_suite), row.suite);
    EXPECT_EQ(parameters.key, std::vector<uint8_t>(row.bytes, 0xA5));
    EXPECT_EQ(encode_base64(parameters.key).size(), row.text);
    EXPECT_EQ(reading<SrtpParameters>(srtp(row.suite, row.bytes - 1)), "TypeError") << row.suite;
    EXPECT_EQ(reading<SrtpParameters>(srtp(row.suite, row.bytes + 1)), "TypeError") << row.suite;
    EXPECT_EQ(text_of(parameters), normal(srtp(row.suite, row.bytes)));
  }
}

TEST(SrtpParametersJson, Ortc54WrongArguments) {  // ORTC-54
  const std::string key = encode_base64(std::vector<uint8_t>(30));
  for (const std::string& json :
       {std::string(), std::string("1"), std::string("null"), std::string("{}"),
        R"({"keyBase64": ")" + key + R"("})",
        std::string(R"({"cryptoSuite": "AES_CM_128_HMAC_SHA1_80"})"), srtp("FOO", 30),
        R"({"cryptoSuite": 123, "keyBase64": ")" + key + R"("})",
        std::string(R"({"cryptoSuite": "AES_CM_128_HMAC_SHA1_80", "keyBase64": []})"),
        std::string(R"({"cryptoSuite": "AES_CM_128_HMAC_SHA1_80", "keyBase64": "?"})")}) {
    EXPECT_EQ(reading<SrtpParameters>(json), "TypeError") << json;
  }
}

TEST(SrtpParametersJson, ErrorsDoNotShowTheKey) {
  const auto result =
      read<SrtpParameters>(R"({"cryptoSuite": "AEAD_AES_128_GCM", "keyBase64": "c2VjcmV0"})");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, Not(HasSubstr("c2VjcmV0")));
  const auto as_text = read<SrtpParameters>(R"("c2VjcmV0")");
  ASSERT_FALSE(as_text);
  EXPECT_THAT(as_text.error().message, Not(HasSubstr("c2VjcmV0")));
}

TEST(SrtpParametersJson, GeneratedKeysAreFresh) {
  for (const SrtpCryptoSuite suite : kSrtpCryptoSuites) {
    const SrtpParameters a = generate_srtp_parameters(suite);
    EXPECT_EQ(a.crypto_suite, suite);
    EXPECT_EQ(a.key.size(), srtp_key_and_salt_size(suite));
    EXPECT_NE(a.key, generate_srtp_parameters(suite).key);
    EXPECT_EQ(must(read<SrtpParameters>(text_of(a))), a);
  }
}

// ---- ICE and addresses

TEST(IceJson, Parameters) {
  EXPECT_EQ(text_of(IceParameters{"ufrag", "password", true}),
            normal(R"({"usernameFragment": "ufrag", "password": "password", "iceLite": true})"));
}

TEST(IceJson, UdpCandidateHasNoTcpType) {
  EXPECT_EQ(
      text_of(IceCandidate{"udpcandidate", 1076302079, "9.9.9.1", TransportProtocol::kUdp, 40000}),
      normal(R"({"foundation": "udpcandidate", "priority": 1076302079, "ip": "9.9.9.1",
                       "address": "9.9.9.1", "protocol": "udp", "port": 40000,
                       "type": "host"})"));
}

TEST(IceJson, TcpCandidateIsPassive) {
  EXPECT_EQ(text_of(IceCandidate{"tcpcandidate", 1, "sfu.example", TransportProtocol::kTcp, 443}),
            normal(R"({"foundation": "tcpcandidate", "priority": 1, "ip": "sfu.example",
                       "address": "sfu.example", "protocol": "tcp", "port": 443, "type": "host",
                       "tcpType": "passive"})"));
}

TEST(TupleJson, RemoteIsAbsentUntilItIsKnown) {
  EXPECT_EQ(text_of(TransportTuple{"9.9.9.1", 40000, "", 0, TransportProtocol::kUdp}),
            normal(R"({"localIp": "9.9.9.1", "localAddress": "9.9.9.1", "localPort": 40000,
                       "protocol": "udp"})"));
  EXPECT_EQ(text_of(TransportTuple{"9.9.9.1", 40000, "1.2.3.4", 5, TransportProtocol::kTcp}),
            normal(R"({"localIp": "9.9.9.1", "localAddress": "9.9.9.1", "localPort": 40000,
                       "remoteIp": "1.2.3.4", "remotePort": 5, "protocol": "tcp"})"));
}

TEST(MediaKindJson, IsExactlyAudioOrVideo) {
  EXPECT_EQ(must(read<MediaKind>("\"audio\"")), MediaKind::kAudio);
  EXPECT_EQ(must(read<MediaKind>("\"video\"")), MediaKind::kVideo);
  for (const std::string_view json : {"", "null", "\"\"", "\"Audio\"", "1", "[\"audio\"]"}) {
    EXPECT_EQ(reading<MediaKind>(json), "TypeError") << json;
  }
}

}  // namespace
}  // namespace sluice::ortc
