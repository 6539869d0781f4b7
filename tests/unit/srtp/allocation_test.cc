// In steady state neither direction allocates: not through C++, and not inside OpenSSL.
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <cstdlib>

#include "support/allocation_counter.h"
#include "unit/srtp/support.h"

namespace {

thread_local size_t openssl_allocations = 0;

void* openssl_malloc(size_t size, const char* /*file*/, int /*line*/) {
  ++openssl_allocations;
  return std::malloc(size);
}
void* openssl_realloc(void* memory, size_t size, const char* /*file*/, int /*line*/) {
  ++openssl_allocations;
  return std::realloc(memory, size);
}
void openssl_free(void* memory, const char* /*file*/, int /*line*/) {
  std::free(memory);
}

// OpenSSL takes its allocator only before it first allocates.
const bool openssl_is_counted =
    CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1;

/// Of this thread, through C++ and inside OpenSSL.
size_t allocations() {
  return sluice::test::allocation_count() + openssl_allocations;
}

}  // namespace

namespace sluice::srtp::test {
namespace {

class SrtpAllocation : public testing::TestWithParam<std::tuple<Profile, BackendKind>> {};

INSTANTIATE_TEST_SUITE_P(ProfilesAndBackends, SrtpAllocation,
                         testing::Combine(testing::ValuesIn(kProfilePreference),
                                          testing::ValuesIn(backend_kinds())));

constexpr size_t kBatch = 20;

/// Everything one round needs, made ahead.
class Round {
 public:
  Round(Profile profile, BackendKind kind)
      : pair_(profile, kind), header_(rtp_packet(kSsrc, 0, 0)) {
    for (size_t i = 0; i < kBatch; ++i) {
      packets_[i].resize(1500);
      jobs_[i].stream = &pair_.out.stream(kSsrc);
      jobs_[i].packet = packets_[i].data();
      jobs_[i].capacity = 1500;
      jobs_[i].header_size = kHeaderSize;
      jobs_[i].prefix = payload_.data();
      jobs_[i].prefix_size = static_cast<uint16_t>(i % 4);
      jobs_[i].payload = payload_.data();
      jobs_[i].payload_size = static_cast<uint16_t>(1200 - i);
    }
    rtcp_.resize(200);
    out_.resize(1500);
  }

  /// Protects and receives a batch and one RTCP packet; true when all of it worked.
  bool run() {
    for (size_t i = 0; i < kBatch; ++i) {
      std::copy(header_.begin(), header_.end(), packets_[i].begin());
      store_be16(&packets_[i][2], ++seq_);
    }
    protect_batch(*pair_.backend, jobs_);
    bool ok = true;
    for (size_t i = 0; i < kBatch; ++i) {
      const Bytes packet = Bytes(packets_[i]).first(jobs_[i].size_out);
      ok = pair_.in.unprotect_rtp(packet, 0, out_).has_value() && ok;
      ok = !pair_.in.unprotect_rtp(packet, 0, out_).has_value() && ok;
    }
    std::copy(plain_rtcp_.begin(), plain_rtcp_.end(), rtcp_.begin());
    const auto size = pair_.out.protect_rtcp(rtcp_, plain_rtcp_.size());
    return ok && size && pair_.in.unprotect_rtcp(MutableBytes(rtcp_).first(*size)).has_value();
  }

 private:
  static constexpr Ssrc kSsrc{42};

  Pair pair_;
  Buffer header_;
  Buffer payload_ = pattern(1200, 4);
  std::array<Buffer, kBatch> packets_;
  std::array<RtpJob, kBatch> jobs_;
  Buffer plain_rtcp_ = rtcp_packet(kSsrc);
  Buffer rtcp_;
  Buffer out_;
  uint16_t seq_ = 0;
};

TEST_P(SrtpAllocation, ProtectingAndUnprotectingAllocateNothing) {
  ASSERT_TRUE(openssl_is_counted);
  Round round(std::get<0>(GetParam()), std::get<1>(GetParam()));
  ASSERT_TRUE(round.run());
  const size_t before = allocations();
  bool ok = true;
  for (int i = 0; i < 100; ++i) {
    ok = round.run() && ok;
  }
  const size_t after = allocations();
  EXPECT_EQ(after - before, 0u);
  EXPECT_TRUE(ok);
}

TEST(SrtpAllocationCounter, SeesAllocations) {
  size_t before = allocations();
  const Buffer buffer(100);
  EXPECT_GT(allocations(), before);
  before = allocations();
  OPENSSL_free(OPENSSL_malloc(100));
  EXPECT_GT(allocations(), before);
}

}  // namespace
}  // namespace sluice::srtp::test
