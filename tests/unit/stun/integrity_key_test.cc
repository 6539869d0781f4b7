#include "protocol/stun/integrity_key.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/stun/fingerprint.h"
#include "unit/stun/vectors.h"

namespace sluice::stun {
namespace {

// Offset of the MESSAGE-INTEGRITY attribute in the sample request.
constexpr size_t kIntegrityOffset = 76;

IntegrityKey::Tag sample_tag() {
  const auto datagram = vectors::request();
  IntegrityKey::Tag tag;
  std::copy_n(datagram.begin() + kIntegrityOffset + 4, tag.size(), tag.begin());
  return tag;
}

TEST(IntegrityKey, SignsTheSampleOfRfc5769) {
  const auto datagram = vectors::request();
  IntegrityKey key(vectors::kPassword);
  EXPECT_EQ(key.sign(Bytes(datagram).first(kIntegrityOffset)), sample_tag());
}

TEST(IntegrityKey, SignsManyMessagesWithOneKey) {
  const auto datagram = vectors::request();
  const auto other = vectors::response_ipv6();
  IntegrityKey key(vectors::kPassword);
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(key.sign(Bytes(other).first(20)), sample_tag());
    EXPECT_EQ(key.sign(Bytes(datagram).first(kIntegrityOffset)), sample_tag());
  }
}

TEST(IntegrityKey, DoesNotDependOnTheLengthFieldGiven) {
  auto datagram = vectors::request();
  datagram[2] = 0xff;
  datagram[3] = 0xff;
  IntegrityKey key(vectors::kPassword);
  EXPECT_EQ(key.sign(Bytes(datagram).first(kIntegrityOffset)), sample_tag());
}

TEST(IntegrityKey, AnEmptyPasswordIsAKeyToo) {
  const auto datagram = vectors::indication();
  IntegrityKey empty("");
  IntegrityKey other("x");
  const auto head = Bytes(datagram).first(20);
  EXPECT_EQ(empty.sign(head), empty.sign(head));
  EXPECT_NE(empty.sign(head), other.sign(head));
}

TEST(IntegrityKey, SurvivesBeingMoved) {
  const auto datagram = vectors::request();
  IntegrityKey first(vectors::kPassword);
  IntegrityKey second = std::move(first);
  EXPECT_EQ(second.sign(Bytes(datagram).first(kIntegrityOffset)), sample_tag());
}

TEST(Fingerprint, IsTheCrcOfZlibWithTheMask) {
  // The check value of this CRC is cbf43926 for the nine digits.
  EXPECT_EQ(fingerprint_of(as_bytes("123456789")), 0xcbf43926u ^ 0x5354554eu);
  EXPECT_EQ(fingerprint_of({}), 0x5354554eu);
}

}  // namespace
}  // namespace sluice::stun
