// The packet pool: layout, reuse, exhaustion, and what the handle does to the reference count.
#include "net/packet_slab.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

#include "support/allocation_counter.h"

namespace sluice::net {
namespace {

struct Meta {
  uint64_t arrival;
  uint32_t stream;
};

TEST(PacketSlab, PacketsAreAlignedAndApart) {
  PacketSlab slab(16, 3);
  std::set<uintptr_t> addresses;
  std::vector<PacketRef> held;
  for (int i = 0; i < 16; ++i) {
    held.push_back(slab.make());
    const auto address = reinterpret_cast<uintptr_t>(held.back().get());
    EXPECT_EQ(address % 64, 0u);
    EXPECT_EQ(held.back()->owner, 3);
    addresses.insert(address);
  }
  ASSERT_EQ(addresses.size(), 16u);
  uintptr_t previous = 0;
  for (const uintptr_t address : addresses) {
    EXPECT_GE(address - previous, Packet::kSize);
    previous = address;
  }
}

TEST(PacketSlab, HasHeadroomAndCapacity) {
  PacketSlab slab(1, 0);
  const PacketRef packet = slab.make();
  EXPECT_TRUE(packet->data().empty());
  EXPECT_EQ(packet->storage().size(), 1600u);
  EXPECT_EQ(packet->storage().data() - packet->buffer, 96);
  packet->resize(1600);
  EXPECT_EQ(packet->data().data(), packet->storage().data());
  EXPECT_EQ(packet->data().size(), 1600u);
}

TEST(PacketSlab, MetaIsTypedAndApartFromData) {
  PacketSlab slab(1, 0);
  const PacketRef packet = slab.make();
  packet->emplace_meta<Meta>(Meta{.arrival = 7, .stream = 9});
  packet->resize(1600);
  std::fill(std::begin(packet->buffer), std::end(packet->buffer), uint8_t{0xee});
  EXPECT_EQ(packet->meta<Meta>().arrival, 7u);
  EXPECT_EQ(std::as_const(*packet).meta<Meta>().stream, 9u);
}

TEST(PacketSlab, ReturnsNullWhenExhaustedAndRecovers) {
  PacketSlab slab(2, 0);
  PacketRef a = slab.make();
  const PacketRef b = slab.make();
  EXPECT_EQ(slab.allocate(), nullptr);
  EXPECT_EQ(slab.exhausted(), 1u);
  Packet* freed = a.get();
  a.reset();
  EXPECT_EQ(slab.in_use(), 1u);
  EXPECT_EQ(slab.make().get(), freed);
}

TEST(PacketSlab, TakesTheLastReleasedFirst) {
  PacketSlab slab(8, 0);
  Packet* a = slab.allocate();
  Packet* b = slab.allocate();
  slab.release(a);
  slab.release(b);
  EXPECT_EQ(slab.allocate(), b);
  EXPECT_EQ(slab.allocate(), a);
}

TEST(PacketRef, LastHandleReleases) {
  PacketSlab slab(2, 0);
  PacketRef first = slab.make();
  PacketRef second = first;
  EXPECT_EQ(first->references, 2u);
  PacketRef third = std::move(second);
  EXPECT_FALSE(second);  // NOLINT(bugprone-use-after-move): the moved-from state is what is tested
  EXPECT_EQ(first->references, 2u);
  first.reset();
  EXPECT_EQ(slab.in_use(), 1u);
  third = PacketRef();
  EXPECT_EQ(slab.in_use(), 0u);
}

TEST(PacketRef, SelfAssignmentKeepsThePacket) {
  PacketSlab slab(1, 0);
  PacketRef packet = slab.make();
  const PacketRef& same = packet;
  packet = same;
  EXPECT_EQ(packet->references, 1u);
  EXPECT_EQ(slab.in_use(), 1u);
}

TEST(PacketRef, DetachAndAdoptKeepTheCount) {
  PacketSlab slab(1, 0);
  PacketRef packet = slab.make();
  Packet* raw = packet.detach();
  EXPECT_EQ(slab.in_use(), 1u);
  EXPECT_EQ(raw->references, 1u);
  PacketRef::adopt(raw).reset();
  EXPECT_EQ(slab.in_use(), 0u);
}

TEST(PacketSlab, AllocatesNothingAfterConstruction) {
  PacketSlab slab(64, 0);
  const size_t before = test::allocation_count();
  for (int round = 0; round < 3; ++round) {
    std::array<PacketRef, 64> held;
    for (PacketRef& packet : held) {
      packet = slab.make();
    }
  }
  EXPECT_EQ(test::allocation_count(), before);
}

}  // namespace
}  // namespace sluice::net
