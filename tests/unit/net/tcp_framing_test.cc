// RFC 4571 framing: every split, empty and oversize frames, handlers that stop.
#include "net/tcp_framing.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace sluice::net {
namespace {

std::vector<uint8_t> framed(std::initializer_list<std::string> frames) {
  std::vector<uint8_t> stream;
  for (const std::string& frame : frames) {
    stream.push_back(static_cast<uint8_t>(frame.size() >> 8));
    stream.push_back(static_cast<uint8_t>(frame.size()));
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  return stream;
}

using Frames = std::vector<std::string>;

struct Collector {
  bool operator()(MutableBytes frame) {
    frames.emplace_back(as_text(frame));
    return true;
  }
  Frames frames;
};

TEST(TcpFraming, Ice44ThreeFramesInOneReadOneSplit) {  // ICE-44
  TcpFraming framing;
  Collector collector;
  auto stream = framed({"one", "two", "three", "four"});
  const MutableBytes bytes(stream);
  const size_t split = 2 + 3 + 2 + 3 + 2 + 5 + 3;
  EXPECT_EQ(framing.feed(bytes.first(split), std::ref(collector)), TcpFraming::Status::kOk);
  EXPECT_EQ(collector.frames, Frames({"one", "two", "three"}));
  EXPECT_EQ(framing.buffered(), 3u);
  EXPECT_EQ(framing.feed(bytes.subspan(split), std::ref(collector)), TcpFraming::Status::kOk);
  EXPECT_EQ(collector.frames, Frames({"one", "two", "three", "four"}));
  EXPECT_EQ(framing.buffered(), 0u);
}

TEST(TcpFraming, Ice44SplitAtEveryByteOffset) {  // ICE-44
  const auto whole = framed({"first", "", "second frame", "3"});
  for (size_t a = 0; a <= whole.size(); ++a) {
    for (size_t b = a; b <= whole.size(); ++b) {
      auto stream = whole;
      const MutableBytes bytes(stream);
      TcpFraming framing;
      Collector collector;
      framing.feed(bytes.first(a), std::ref(collector));
      framing.feed(bytes.subspan(a, b - a), std::ref(collector));
      framing.feed(bytes.subspan(b), std::ref(collector));
      ASSERT_EQ(collector.frames, Frames({"first", "second frame", "3"})) << a << ' ' << b;
      ASSERT_EQ(framing.buffered(), 0u);
    }
  }
}

TEST(TcpFraming, Ice44OneByteAtATime) {  // ICE-44
  auto stream = framed({"first", "second"});
  TcpFraming framing;
  Collector collector;
  for (uint8_t& byte : stream) {
    framing.feed({&byte, 1}, std::ref(collector));
  }
  EXPECT_EQ(collector.frames, Frames({"first", "second"}));
}

TEST(TcpFraming, Ice45EmptyFrameIsSkipped) {  // ICE-45
  TcpFraming framing;
  Collector collector;
  auto stream = framed({"", "a", "", "", "b"});
  EXPECT_EQ(framing.feed(stream, std::ref(collector)), TcpFraming::Status::kOk);
  EXPECT_EQ(collector.frames, Frames({"a", "b"}));
}

TEST(TcpFraming, Ice46FrameLargerThanTheBufferIsRefused) {  // ICE-46
  TcpFraming framing;
  Collector collector;
  std::vector<uint8_t> stream = {0, 1, 'x', 0xff, 0xff, 'y'};
  EXPECT_EQ(framing.feed(stream, std::ref(collector)), TcpFraming::Status::kOversize);
  EXPECT_EQ(collector.frames, Frames({"x"}));
}

TEST(TcpFraming, Ice46IsRefusedAsSoonAsThePrefixIsComplete) {  // ICE-46
  TcpFraming framing(9000);
  Collector collector;
  std::vector<uint8_t> stream = {0x23, 0x27};  // 8999 + 2 > 9000
  EXPECT_EQ(framing.feed(MutableBytes(stream).first(1), std::ref(collector)),
            TcpFraming::Status::kOk);
  EXPECT_EQ(framing.feed(MutableBytes(stream).subspan(1), std::ref(collector)),
            TcpFraming::Status::kOversize);
}

TEST(TcpFraming, LargestFrameFits) {
  TcpFraming framing;
  Collector collector;
  auto stream = framed({std::string(65534, 'z')});
  const MutableBytes bytes(stream);
  framing.feed(bytes.first(1000), std::ref(collector));
  EXPECT_EQ(framing.feed(bytes.subspan(1000), std::ref(collector)), TcpFraming::Status::kOk);
  ASSERT_EQ(collector.frames.size(), 1u);
  EXPECT_EQ(collector.frames[0].size(), 65534u);
}

TEST(TcpFraming, Ice47HandlerStopsAtTheFirstOfThree) {  // ICE-47
  TcpFraming framing;
  int calls = 0;
  auto stream = framed({"1", "2", "3"});
  EXPECT_EQ(framing.feed(stream,
                         [&](MutableBytes) {
                           ++calls;
                           return false;
                         }),
            TcpFraming::Status::kStopped);
  EXPECT_EQ(calls, 1);
}

TEST(TcpFraming, Ice47HandlerMayDestroyTheReader) {  // ICE-47
  // Once with the frame in place and once with a frame put together from two reads.
  for (const size_t split : {size_t{0}, size_t{2}}) {
    auto framing = std::make_unique<TcpFraming>();
    auto stream = framed({"1", "2", "3"});
    int calls = 0;
    const auto handler = [&](MutableBytes) {
      ++calls;
      framing.reset();
      return false;
    };
    framing->feed(MutableBytes(stream).first(split), handler);
    EXPECT_EQ(framing->feed(MutableBytes(stream).subspan(split), handler),
              TcpFraming::Status::kStopped);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(framing, nullptr);
  }
}

TEST(TcpFraming, AnnouncedLengthReservesNothing) {
  TcpFraming framing;
  Collector collector;
  std::vector<uint8_t> stream = {0xff, 0xf0, 'x'};
  framing.feed(stream, std::ref(collector));
  EXPECT_EQ(framing.buffered(), 3u);
}

}  // namespace
}  // namespace sluice::net
