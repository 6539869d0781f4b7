#include "web/request_reader.h"

#include <gtest/gtest.h>

namespace sluice::web {
namespace {

using Progress = RequestReader::Progress;

constexpr size_t kMaxHeader = 1024;

struct Outcome {
  Progress progress;
  int status;
  std::string rest;
};

/// Feeds `text` in pieces of `step` bytes, as a connection does.
Outcome read_all(RequestReader& reader, std::string_view text, size_t step, size_t body_limit) {
  std::string buffer;
  Progress progress = Progress::kNeedMore;
  for (size_t i = 0; i < text.size() && progress == Progress::kNeedMore; i += step) {
    buffer += text.substr(i, step);
    progress = reader.parse(buffer);
    while (progress == Progress::kHeaderDone) {
      reader.set_body_limit(body_limit);
      progress = reader.parse(buffer);
    }
    if (progress == Progress::kDone) {
      buffer += text.substr(std::min(text.size(), i + step));
    }
  }
  return {progress, reader.error_status(), buffer};
}

Outcome read_all(std::string_view text, size_t body_limit = 100) {
  RequestReader reader(kMaxHeader);
  return read_all(reader, text, text.size(), body_limit);
}

constexpr std::string_view kPost =
    "POST /a%20b?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello";
constexpr std::string_view kChunked =
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\nhel\r\n2;ext=1\r\nlo\r\n0\r\nTrailer: t\r\n\r\n";

TEST(RequestReader, ReadsARequestInPiecesOfEverySize) {
  for (const std::string_view text : {kPost, kChunked}) {
    for (size_t step = 1; step <= text.size(); ++step) {
      RequestReader reader(kMaxHeader);
      const Outcome outcome = read_all(reader, text, step, 100);
      ASSERT_EQ(outcome.progress, Progress::kDone) << step;
      EXPECT_EQ(reader.request().body, "hello");
      EXPECT_EQ(reader.request().method, "POST");
      EXPECT_TRUE(reader.keep_alive());
      EXPECT_EQ(outcome.rest, "");
    }
  }
}

TEST(RequestReader, TakesTheRequestApart) {
  RequestReader reader(kMaxHeader);
  read_all(reader, kPost, kPost.size(), 100);
  const Request& request = reader.request();
  EXPECT_EQ(request.target, "/a%20b?x=1");
  EXPECT_EQ(request.path(), "/a b");
  EXPECT_EQ(request.query("x"), "1");
  EXPECT_EQ(request.header("X-A"), "1");
  EXPECT_EQ(request.headers.list("X-A").size(), 2u);
  EXPECT_TRUE(request.http_1_1);
}

TEST(RequestReader, EveryTruncationNeedsMore) {
  for (const std::string_view text : {kPost, kChunked}) {
    for (size_t length = 0; length < text.size(); ++length) {
      RequestReader reader(kMaxHeader);
      const Outcome outcome = read_all(reader, text.substr(0, length), 1000, 100);
      ASSERT_EQ(outcome.progress, Progress::kNeedMore) << length;
    }
  }
}

TEST(RequestReader, WhatFollowsStaysInTheBuffer) {
  const std::string two = std::string(kPost) + std::string(kChunked);
  EXPECT_EQ(read_all(two).rest, kChunked);
}

TEST(RequestReader, TrailersDoNotBecomeHeaders) {
  RequestReader reader(kMaxHeader);
  read_all(reader, kChunked, 1, 100);
  EXPECT_FALSE(reader.request().headers.has("Trailer"));
}

TEST(RequestReader, LongHeadersAre431) {
  const std::string text = "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(kMaxHeader, 'x');
  EXPECT_EQ(read_all(text).status, 431);
}

TEST(RequestReader, LongTargetsAre414) {
  EXPECT_EQ(read_all("GET /" + std::string(kMaxHeader, 'x')).status, 414);
  EXPECT_EQ(read_all("GET /" + std::string(kMaxHeader, 'x') + " HTTP/1.1\r\n").status, 414);
}

TEST(RequestReader, AHeaderOfExactlyTheLimitIsTaken) {
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  const std::string text = start + std::string(kMaxHeader - start.size() - 4, 'x') + "\r\n\r\n";
  ASSERT_EQ(text.size(), kMaxHeader);
  EXPECT_EQ(read_all(text).progress, Progress::kDone);
}

TEST(RequestReader, AnnouncedBodiesOverTheLimitAre413) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ";
  EXPECT_EQ(read_all(head + "101\r\n\r\n").status, 413);
  EXPECT_EQ(read_all(head + "100\r\n\r\n" + std::string(100, 'b')).progress, Progress::kDone);
  EXPECT_EQ(read_all(head + "18446744073709551615\r\n\r\n").status, 413);
}

TEST(RequestReader, ChunkedBodiesOverTheLimitAre413) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(
      read_all(head + "40\r\n" + std::string(64, 'b') + "\r\n25\r\n" + std::string(37, 'b')).status,
      413);
  EXPECT_EQ(read_all(head + "64\r\n" + std::string(100, 'b') + "\r\n0\r\n\r\n").progress,
            Progress::kDone);
}

TEST(RequestReader, EndlessChunkExtensionsAndTrailersAreRefused) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string start : {"1;", "0\r\nX: "}) {
    RequestReader reader(kMaxHeader);
    const Outcome outcome = read_all(reader, head + start + std::string(5000, 'x'), 100, 100);
    EXPECT_EQ(outcome.progress, Progress::kFailed);
    EXPECT_LT(outcome.rest.size(), kMaxHeader + 200);
  }
}

TEST(RequestReader, TinyChunksWithoutEndAreRefused) {
  std::string text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 2000; ++i) {
    text += "1\r\nx\r\n";
  }
  EXPECT_EQ(read_all(text, 1000000).status, 400);
}

TEST(RequestReader, AmbiguousLengthsAreRefused) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(read_all(head + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n").status, 400);
  EXPECT_EQ(read_all(head + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n").status, 400);
  EXPECT_EQ(read_all(head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n").status, 400);
  EXPECT_EQ(read_all(head + "Content-Length: -1\r\n\r\n").status, 400);
  EXPECT_EQ(read_all(head + "Transfer-Encoding: gzip\r\n\r\n").status, 501);
  EXPECT_EQ(read_all(head + "Transfer-Encoding: chunked, gzip\r\n\r\n").status, 501);
}

TEST(RequestReader, MalformedRequestsAre400) {
  for (const char* text :
       {"GET\r\n\r\n", "G\x01T / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost h\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET nowhere HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    EXPECT_EQ(read_all(text).status, 400) << text;
  }
}

TEST(RequestReader, OtherProtocolsAreRefused) {
  EXPECT_NE(read_all("GET / HTTP/9.9\r\nHost: h\r\n\r\n").status, 0);
  EXPECT_EQ(read_all("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n").progress,
            Progress::kFailed);
  EXPECT_EQ(read_all("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").progress, Progress::kFailed);
}

TEST(RequestReader, KeepAliveFollowsVersionAndConnection) {
  const auto keeps = [](std::string_view text) {
    RequestReader reader(kMaxHeader);
    EXPECT_EQ(read_all(reader, text, text.size(), 0).progress, Progress::kDone);
    return reader.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestReader, SeesThatTheClientWaitsFor100) {
  std::string buffer =
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
  RequestReader reader(kMaxHeader);
  ASSERT_EQ(reader.parse(buffer), Progress::kHeaderDone);
  EXPECT_TRUE(reader.expects_continue());
}

}  // namespace
}  // namespace sluice::web
