#include "app/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "app/version.h"

namespace sluice::app {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Label = ClientMetric::Label;

/// Collects families in the order in which they are asked for.
class Families {
 public:
  void gauge(const char* name, const char* help, double value, std::vector<Label> labels = {}) {
    ClientMetric metric;
    metric.gauge.value = value;
    add(name, help, MetricType::Gauge, std::move(metric), std::move(labels));
  }

  void counter(const char* name, const char* help, double value, std::vector<Label> labels = {}) {
    ClientMetric metric;
    metric.counter.value = value;
    add(name, help, MetricType::Counter, std::move(metric), std::move(labels));
  }

  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return out.str();
  }

 private:
  void add(const char* name, const char* help, MetricType type, ClientMetric metric,
           std::vector<Label> labels) {
    metric.label = std::move(labels);
    for (MetricFamily& family : families_) {
      if (family.name == name) {
        family.metric.push_back(std::move(metric));
        return;
      }
    }
    families_.push_back({name, help, type, {std::move(metric)}});
  }

  std::vector<MetricFamily> families_;
};

double real(uint64_t value) {
  return static_cast<double>(value);
}

void add_rooms(const RoomCounts& rooms, Families& to) {
  to.gauge("sluice_rooms", "Rooms that exist.", real(rooms.rooms));
  to.gauge("sluice_peers", "Participants in all rooms.", real(rooms.peers));
  to.gauge("sluice_transports", "WebRTC transports of all participants.", real(rooms.transports));
  const char* producers = "Tracks that participants send.";
  to.gauge("sluice_producers", producers, real(rooms.audio_producers), {{"kind", "audio"}});
  to.gauge("sluice_producers", producers, real(rooms.video_producers), {{"kind", "video"}});
  to.gauge("sluice_consumers", "Tracks that participants receive.", real(rooms.consumers));
  to.counter("sluice_rooms_created_total", "Rooms made.", real(rooms.rooms_created));
  to.counter("sluice_peers_joined_total", "Participants that joined.", real(rooms.peers_joined));
}

void add_http(const web::ServerStats& http, Families& to) {
  to.gauge("sluice_http_connections", "Open connections, WebSockets included.",
           real(http.connections));
  to.gauge("sluice_websockets", "Open WebSockets.", real(http.websockets));
  to.counter("sluice_http_connections_accepted_total", "Connections accepted.",
             real(http.accepted));
  const char* refused = "Connections and requests refused, by the limit they were over.";
  to.counter("sluice_http_refused_total", refused, real(http.refused_total),
             {{"limit", "connections"}});
  to.counter("sluice_http_refused_total", refused, real(http.refused_address),
             {{"limit", "connections_per_address"}});
  to.counter("sluice_http_refused_total", refused, real(http.refused_rate),
             {{"limit", "requests_per_second"}});
  to.counter("sluice_http_requests_total", "Requests, upgrades to WebSocket included.",
             real(http.requests));
  to.counter("sluice_http_timeouts_total", "Connections closed because nothing moved in time.",
             real(http.request_timeouts));
  const char* dropped = "WebSockets closed by the server, by reason.";
  to.counter("sluice_websockets_dropped_total", dropped, real(http.dropped_backlog),
             {{"reason", "backlog"}});
  to.counter("sluice_websockets_dropped_total", dropped, real(http.dropped_silent),
             {{"reason", "silent"}});
}

void add_loop(const media::LoopLoad& loop, uint32_t buffers, Families& to) {
  const std::vector<Label> label = {{"loop", std::to_string(loop.index)}};
  to.gauge("sluice_loop_port", "UDP and TCP port of a media loop.", loop.port, label);
  to.gauge("sluice_loop_transports", "Transports on a media loop.", loop.transports, label);
  to.gauge("sluice_loop_busy_ratio", "Share of the time since the last scrape spent working.",
           loop.busy, label);
  to.counter("sluice_loop_packets_received_total", "UDP packets received.",
             real(loop.packets_received), label);
  to.counter("sluice_loop_packets_sent_total", "UDP packets sent.", real(loop.packets_sent), label);
  to.counter("sluice_loop_packets_dropped_total", "Packets lost for want of room or by errors.",
             real(loop.packets_dropped), label);
  to.counter("sluice_loop_bytes_received_total", "UDP payload received.", real(loop.bytes_received),
             label);
  to.counter("sluice_loop_bytes_sent_total", "UDP payload sent.", real(loop.bytes_sent), label);
  to.gauge("sluice_loop_packet_buffers_in_use", "Packet buffers in use.", loop.packets_in_use,
           label);
  to.gauge("sluice_loop_packet_buffers", "Packet buffers that a media loop has.", buffers, label);
}

void add_process(const ProcessCounts& process, Families& to) {
  to.gauge("process_start_time_seconds", "Start, in Unix time.", process.start_time_seconds);
  to.counter("process_cpu_seconds_total", "Processor time used.", process.cpu_seconds);
  to.gauge("process_resident_memory_bytes", "Memory in use.", real(process.resident_bytes));
  to.gauge("process_open_fds", "Open file descriptors.", real(process.open_descriptors));
}

double unix_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Close enough to the start: initialised before main.
const double kStartTime = unix_time();

}  // namespace

ProcessCounts count_process() {
  ProcessCounts counts{.start_time_seconds = kStartTime};
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    counts.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  uint64_t total_pages = 0;
  uint64_t resident_pages = 0;
  if (std::ifstream("/proc/self/statm") >> total_pages >> resident_pages) {
    counts.resident_bytes = resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  }
  std::error_code failure;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", failure), end;
       !failure && entry != end; entry.increment(failure)) {
    ++counts.open_descriptors;
  }
  return counts;
}

std::string render_metrics(const Snapshot& snapshot) {
  Families families;
  families.gauge("sluice_build_info", "The version, as a label.", 1,
                 {{"version", std::string(kVersion)}});
  families.gauge("sluice_draining", "1 while the server waits for its rooms to end.",
                 snapshot.draining ? 1 : 0);
  add_rooms(snapshot.rooms, families);
  add_http(snapshot.http, families);
  for (const media::LoopLoad& loop : snapshot.loops) {
    add_loop(loop, snapshot.packet_buffers_per_loop, families);
  }
  add_process(snapshot.process, families);
  return families.text();
}

}  // namespace sluice::app
