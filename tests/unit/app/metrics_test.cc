// The text of /metrics.
#include "app/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "app/version.h"

namespace sluice::app {
namespace {

using testing::HasSubstr;

size_t count(std::string_view text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

std::string example() {
  const std::vector<media::LoopLoad> loops = {
      {.index = 0, .port = 10000, .packets_received = 11, .packets_sent = 12, .busy = 0.25},
      {.index = 1,
       .port = 10001,
       .transports = 4,
       .packets_dropped = 5,
       .bytes_received = 6,
       .bytes_sent = 7,
       .packets_in_use = 8},
  };
  return render_metrics({.rooms = {.rooms = 1,
                                   .peers = 2,
                                   .transports = 3,
                                   .audio_producers = 4,
                                   .video_producers = 5,
                                   .consumers = 6,
                                   .rooms_created = 7,
                                   .peers_joined = 8},
                         .http = {.connections = 9,
                                  .websockets = 10,
                                  .accepted = 11,
                                  .refused_rate = 12,
                                  .requests = 13,
                                  .dropped_silent = 14},
                         .loops = loops,
                         .packet_buffers_per_loop = 65536,
                         .process = {.open_descriptors = 20},
                         .draining = true});
}

TEST(Metrics, HaveTheCountsOfTheRooms) {
  const std::string text = example();
  for (const char* line :
       {"\nsluice_rooms 1\n", "\nsluice_peers 2\n", "\nsluice_transports 3\n",
        "\nsluice_producers{kind=\"audio\"} 4\n", "\nsluice_producers{kind=\"video\"} 5\n",
        "\nsluice_consumers 6\n", "\nsluice_rooms_created_total 7\n",
        "\nsluice_peers_joined_total 8\n", "\nsluice_draining 1\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(Metrics, HaveTheCountsOfTheWebServer) {
  const std::string text = example();
  for (const char* line : {"\nsluice_http_connections 9\n", "\nsluice_websockets 10\n",
                           "\nsluice_http_connections_accepted_total 11\n",
                           "\nsluice_http_refused_total{limit=\"requests_per_second\"} 12\n",
                           "\nsluice_http_requests_total 13\n",
                           "\nsluice_websockets_dropped_total{reason=\"silent\"} 14\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(Metrics, HaveEveryLoop) {
  const std::string text = example();
  for (const char* line :
       {"\nsluice_loop_port{loop=\"0\"} 10000\n", "\nsluice_loop_port{loop=\"1\"} 10001\n",
        "\nsluice_loop_transports{loop=\"1\"} 4\n", "\nsluice_loop_busy_ratio{loop=\"0\"} 0.25\n",
        "\nsluice_loop_packets_received_total{loop=\"0\"} 11\n",
        "\nsluice_loop_packets_sent_total{loop=\"0\"} 12\n",
        "\nsluice_loop_packets_dropped_total{loop=\"1\"} 5\n",
        "\nsluice_loop_bytes_received_total{loop=\"1\"} 6\n",
        "\nsluice_loop_bytes_sent_total{loop=\"1\"} 7\n",
        "\nsluice_loop_packet_buffers_in_use{loop=\"1\"} 8\n",
        "\nsluice_loop_packet_buffers{loop=\"1\"} 65536\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(Metrics, EveryFamilyIsDescribedOnce) {
  const std::string text = example();
  EXPECT_EQ(count(text, "# TYPE sluice_loop_port gauge\n"), 1U);
  EXPECT_EQ(count(text, "# HELP sluice_producers "), 1U);
  EXPECT_EQ(count(text, "# TYPE sluice_http_requests_total counter\n"), 1U);
}

TEST(Metrics, NameTheVersion) {
  EXPECT_THAT(example(),
              HasSubstr("sluice_build_info{version=\"" + std::string(kVersion) + "\"} 1\n"));
}

TEST(Metrics, TheKernelTellsOfTheProcess) {
  const ProcessCounts counts = count_process();
  EXPECT_GT(counts.resident_bytes, 0U);
  EXPECT_GT(counts.open_descriptors, 2U);
  EXPECT_GT(counts.start_time_seconds, 1.6e9);
}

}  // namespace
}  // namespace sluice::app
