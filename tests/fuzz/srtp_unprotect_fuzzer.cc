// links: sluice_srtp
//
// Feeds an incoming SRTP context with raw bytes and with genuine packets that were changed on the
// way. Checks that a changed packet never authenticates, that a genuine one decrypts to what was
// sent unless it is a replay, and that no size leaves its buffer.
//
// Input: one byte that chooses profile and back end, then steps. A step is a kind byte and a size
// byte, then that many bytes.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "protocol/srtp/inbound.h"
#include "protocol/srtp/outbound.h"
#include "protocol/srtp/packet_layout.h"

namespace {

using namespace sluice;
using namespace sluice::srtp;

void check(bool condition) {
  if (!condition) {
    std::abort();
  }
}

SessionKeys keys_for(Profile profile) {
  const std::array<uint8_t, kMaxKeySize> key = {1, 2, 3, 4};
  const std::array<uint8_t, kMaxSaltSize> salt = {5, 6, 7, 8};
  return derive_session_keys(profile, Bytes(key).first(key_size(profile)),
                             Bytes(salt).first(salt_size(profile)))
      .value();
}

class Session {
 public:
  Session(Backend& backend, Profile profile)
      : backend_(backend),
        profile_(profile),
        out_(backend, keys_for(profile)),
        in_(backend, keys_for(profile), {}, 8) {}

  void step(uint8_t kind, Bytes input) {
    switch (kind % 8) {
      case 0:
        raw_rtp(input, 0);
        break;
      case 1:
        raw_rtp(input, input.empty() ? 0 : input[0]);
        break;
      case 2:
        raw_rtcp(input);
        break;
      case 3:
        genuine_rtp(input, false);
        break;
      case 4:
        genuine_rtp(input, true);
        break;
      case 5:
        genuine_rtcp(input, false);
        break;
      case 6:
        genuine_rtcp(input, true);
        break;
      default:
        remove(input);
        break;
    }
    check(in_.stream_count() <= 8);
  }

 private:
  void raw_rtp(Bytes input, size_t header_size) {
    std::vector<uint8_t> out(input.size());
    const auto size = in_.unprotect_rtp(input, header_size, out);
    check(!size || *size + rtp_overhead(profile_) == input.size());
    std::vector<uint8_t> in_place(input.begin(), input.end());
    (void)in_.unprotect_rtp(in_place, header_size, in_place);
  }

  void raw_rtcp(Bytes input) {
    std::vector<uint8_t> packet(input.begin(), input.end());
    const auto size = in_.unprotect_rtcp(packet);
    check(!size || *size + rtcp_overhead(profile_) == input.size());
  }

  /// The input is a plain packet; its last two bytes say what changes on the way.
  void genuine_rtp(Bytes input, bool change) {
    if (input.size() < kRtpFixedHeaderSize + 2) {
      return;
    }
    const Bytes plain = input.first(input.size() - 2);
    const size_t header_size = rtp_header_size(plain);
    if (header_size == 0) {
      return;
    }
    std::vector<uint8_t> packet(plain.begin(), plain.end());
    packet.resize(plain.size() + rtp_overhead(profile_));
    RtpJob job;
    job.stream = &out_.stream(rtp_ssrc(plain.data()));
    job.packet = packet.data();
    job.capacity = static_cast<uint16_t>(packet.size());
    job.header_size = static_cast<uint16_t>(header_size);
    job.payload = packet.data() + header_size;
    job.payload_size = static_cast<uint16_t>(plain.size() - header_size);
    protect_batch(backend_, {&job, 1});
    if (job.size_out == 0) {
      return;
    }
    check(job.size_out == packet.size());
    if (change) {
      corrupt(packet, input.last(2));
    }
    std::vector<uint8_t> out(packet.size());
    const auto size = in_.unprotect_rtp(packet, 0, out);
    // A 32-bit tag can be guessed; the others cannot.
    check(!size || !change || profile_ == Profile::kAesCm128HmacSha1_32);
    check(!size || change ||
          (*size == plain.size() && std::equal(plain.begin(), plain.end(), out.begin())));
    check(size || change || size.error() != UnprotectError::kTooShort);
  }

  void genuine_rtcp(Bytes input, bool change) {
    if (input.size() < kRtcpClearSize + 2) {
      return;
    }
    const Bytes plain = input.first(input.size() - 2);
    std::vector<uint8_t> packet(plain.begin(), plain.end());
    packet.resize(plain.size() + rtcp_overhead(profile_));
    const auto protected_size = out_.protect_rtcp(packet, plain.size());
    check(protected_size == packet.size());
    if (change) {
      corrupt(packet, input.last(2));
    }
    const auto size = in_.unprotect_rtcp(packet);
    check(!size || !change);
    check(!size ||
          (*size == plain.size() && std::equal(plain.begin(), plain.end(), packet.begin())));
  }

  static void corrupt(std::vector<uint8_t>& packet, Bytes how) {
    packet[how[0] % packet.size()] ^= static_cast<uint8_t>(how[1] | 1);
  }

  void remove(Bytes input) {
    if (input.size() >= 4) {
      in_.remove_stream(Ssrc(load_be32(input.data())));
      out_.remove_stream(Ssrc(load_be32(input.data())));
    }
  }

  Backend& backend_;
  Profile profile_;
  OutboundContext out_;
  InboundContext in_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::unique_ptr<Backend> kBackends[] = {make_backend(BackendKind::kBest),
                                                       make_backend(BackendKind::kOpenSsl)};
  ByteReader reader({data, size});
  const uint8_t choice = reader.u8();
  Session session(*kBackends[choice & 1], kProfilePreference[(choice >> 1) % 4]);
  while (reader.ok() && reader.remaining() > 1) {
    const uint8_t kind = reader.u8();
    session.step(kind, reader.bytes(std::min<size_t>(reader.u8(), reader.remaining())));
  }
  return 0;
}
