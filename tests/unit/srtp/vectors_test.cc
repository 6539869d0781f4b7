// Published vectors on every back end: RFC 3711 appendix B.2 (AES-CM key stream), RFC 7714 sections
// 16 and 17 (AES-GCM packets), RFC 2202 (HMAC-SHA1). The GCM vectors give session keys, not master
// keys.
#include <gtest/gtest.h>

#include "protocol/srtp/hmac_sha1.h"
#include "protocol/srtp/packet_layout.h"
#include "unit/srtp/support.h"

namespace sluice::srtp::test {
namespace {

const std::string_view kRtp =
    "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976"
    "69736120 696e2070 61727465 73207472 6573";
const std::string_view kRtp128 =
    "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5"
    "0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce";
const std::string_view kRtp256 =
    "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238"
    "9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13";

const std::string_view kRtcp =
    "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61"
    "deadbeef deadbeef deadbeef deadbeef deadbeef";
const std::string_view kRtcp128 =
    "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d"
    "c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872"
    "45d9eade 800005d4";
const std::string_view kRtcp256 =
    "81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50"
    "a2eaa5c1 110555be 8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c"
    "b26ac3be 800005d4";
const std::string_view kRtcp128TagOnly =
    "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61"
    "deadbeef deadbeef deadbeef deadbeef deadbeef 841dd968 3dd78ec9 2ae58790"
    "125f62b3 000005d4";
const std::string_view kRtcp256TagOnly =
    "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61"
    "deadbeef deadbeef deadbeef deadbeef deadbeef 91db4afb feee5a97 8fab4393"
    "ed2615fe 000005d4";

/// The session key 00 01 02 .. and the salt "Quid pro quo" for RTP and RTCP.
SessionKeys rfc7714_keys(Profile profile) {
  Buffer key(key_size(profile));
  for (size_t i = 0; i < key.size(); ++i) {
    key[i] = static_cast<uint8_t>(i);
  }
  SessionKey session{
      SecretBytes<kMaxKeySize>(key), SecretBytes<kMaxSaltSize>(as_bytes("Quid pro quo")), {}};
  return {profile, session, session};
}

class SrtpVectors : public testing::TestWithParam<BackendKind> {
 protected:
  std::unique_ptr<Backend> backend_ = make_backend(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Backends, SrtpVectors, testing::ValuesIn(backend_kinds()),
                         testing::PrintToStringParamName());

TEST_P(SrtpVectors, Rfc7714Section16EncryptsRtp) {
  for (const auto& [profile, expected] :
       {std::pair{Profile::kAeadAes128Gcm, kRtp128}, std::pair{Profile::kAeadAes256Gcm, kRtp256}}) {
    OutboundContext context(*backend_, rfc7714_keys(profile));
    EXPECT_EQ(protect_ok(*backend_, context, hex(kRtp)), hex(expected));
  }
}

TEST_P(SrtpVectors, Rfc7714Section16DecryptsRtp) {
  for (const auto& [profile, cipher] :
       {std::pair{Profile::kAeadAes128Gcm, kRtp128}, std::pair{Profile::kAeadAes256Gcm, kRtp256}}) {
    InboundContext context(*backend_, rfc7714_keys(profile));
    EXPECT_EQ(unprotect(context, hex(cipher)), hex(kRtp));
  }
}

TEST_P(SrtpVectors, Rfc7714Section17EncryptsRtcp) {
  for (const auto& [profile, expected] : {std::pair{Profile::kAeadAes128Gcm, kRtcp128},
                                          std::pair{Profile::kAeadAes256Gcm, kRtcp256}}) {
    OutboundContext context(*backend_, rfc7714_keys(profile));
    for (int index = 0; index < 0x5d4; ++index) {
      protect_rtcp(context, hex(kRtcp));
    }
    EXPECT_EQ(protect_rtcp(context, hex(kRtcp)), hex(expected));
  }
}

TEST_P(SrtpVectors, Rfc7714Section17DecryptsRtcp) {
  for (const auto& [profile, cipher] : {std::pair{Profile::kAeadAes128Gcm, kRtcp128},
                                        std::pair{Profile::kAeadAes256Gcm, kRtcp256}}) {
    InboundContext context(*backend_, rfc7714_keys(profile));
    EXPECT_EQ(unprotect_rtcp(context, hex(cipher)), hex(kRtcp));
  }
}

TEST_P(SrtpVectors, Rfc7714Section17VerifiesRtcpThatIsNotEncrypted) {
  for (const auto& [profile, tagged] : {std::pair{Profile::kAeadAes128Gcm, kRtcp128TagOnly},
                                        std::pair{Profile::kAeadAes256Gcm, kRtcp256TagOnly}}) {
    InboundContext context(*backend_, rfc7714_keys(profile));
    EXPECT_EQ(unprotect_rtcp(context, hex(tagged)), hex(kRtcp));
  }
}

TEST_P(SrtpVectors, Rfc7714ChangedTaggedRtcpIsRefused) {
  for (size_t i = 0; i < hex(kRtcp128TagOnly).size(); ++i) {
    InboundContext context(*backend_, rfc7714_keys(Profile::kAeadAes128Gcm));
    Buffer packet = hex(kRtcp128TagOnly);
    packet[i] ^= 0x01;
    EXPECT_EQ(unprotect_rtcp(context, packet), std::unexpected(UnprotectError::kAuthentication));
  }
}

TEST_P(SrtpVectors, Rfc3711AppendixB2KeyStream) {
  SessionKey key;
  key.cipher = SecretBytes<kMaxKeySize>(hex("2B7E151628AED2A6ABF7158809CF4F3C"));
  key.auth = SecretBytes<kAuthKeySize>(Buffer(kAuthKeySize));
  const auto expanded = backend_->expand(Profile::kAesCm128HmacSha1_80, key, Direction::kSeal);
  ASSERT_TRUE(expanded);
  const Iv first = make_iv(false, hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"), Ssrc(0), 0);
  EXPECT_EQ(Buffer(first.begin(), first.end()), hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"));

  const auto key_stream = [&](uint16_t block) {
    Buffer packet(48 + 10);
    const Buffer zeros(48);
    SealJob job;
    job.key = expanded.get();
    job.iv = first;
    store_be16(&job.iv[14], block);
    job.packet = packet.data();
    job.text = zeros;
    job.tag = packet.data() + 48;
    job.tag_size = 10;
    backend_->seal({&job, 1});
    EXPECT_TRUE(job.ok);
    packet.resize(48);
    return packet;
  };
  EXPECT_EQ(key_stream(0), hex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB"
                               "41E95B3BB0A2E8DD477901E4FCA894C0"));
  EXPECT_EQ(key_stream(0xfeff),
            hex("EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE"
                "6A2CC3787889374FBEB4C81B17BA6C44"));
}

TEST(SrtpIv, GcmFormulasOfRfc7714) {
  const Bytes salt = as_bytes("Quid pro quo");
  const Iv rtp = make_iv(true, salt, Ssrc(0x5501a0b2), 0xf17b);
  EXPECT_EQ(Buffer(rtp.begin(), rtp.begin() + 12), hex("51753C6580C2726F20718414"));
  const Iv rtcp = make_iv(true, salt, Ssrc(0x4d617273), 0x5d4);
  EXPECT_EQ(Buffer(rtcp.begin(), rtcp.begin() + 12), hex("517524055203726F207170BB"));
}

TEST(SrtpIv, RolloverCounterStandsAboveTheSequenceNumber) {
  const Iv gcm = make_iv(true, Buffer(12), Ssrc(0x01020304), 0xa1a2'a3a4'b1b2);
  EXPECT_EQ(Buffer(gcm.begin(), gcm.begin() + 12), hex("000001020304a1a2a3a4b1b2"));
  const Iv cm = make_iv(false, Buffer(14), Ssrc(0x01020304), 0xa1a2'a3a4'b1b2);
  EXPECT_EQ(Buffer(cm.begin(), cm.end()), hex("0000000001020304a1a2a3a4b1b20000"));
}

Buffer hmac(Bytes key, Bytes message, Bytes trailer) {
  std::array<uint8_t, kSha1Size> digest{};
  HmacSha1(key).compute(message, trailer, digest);
  return {digest.begin(), digest.end()};
}

TEST(SrtpHmacSha1, Rfc2202) {
  EXPECT_EQ(hmac(Buffer(20, 0x0b), as_bytes("Hi There"), {}),
            hex("b617318655057264e28bc0b6fb378c8ef146be00"));
  EXPECT_EQ(hmac(as_bytes("Jefe"), as_bytes("what do ya want "), as_bytes("for nothing?")),
            hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
  EXPECT_EQ(hmac(Buffer(20, 0xaa), Buffer(50, 0xdd), {}),
            hex("125d7342b9ac11cd91a39af48aa17b4f63f175d3"));
}

}  // namespace
}  // namespace sluice::srtp::test
