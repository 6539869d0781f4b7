// The program as a child process, and plain sockets to talk to it. Every wait has a bound.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::app {

/// An empty folder that goes with its owner.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

class ChildProcess {
 public:
  struct Start {
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment = {};
    std::filesystem::path folder;
    /// What the program finds as its own name.
    std::string name = "sluice";
  };

  /// Starts the program `sluice` of this build.
  explicit ChildProcess(const Start& start);
  /// Kills it when it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Both outputs, as far as they were waited for.
  [[nodiscard]] const std::string& output() const { return output_; }
  /// Reads until the output has `text`; false when the process ends before.
  bool wait_for(std::string_view text);
  /// Waits for a line with `text` and returns the rest of it; empty when the process ends before.
  std::string rest_of_line(std::string_view text);
  /// Reads to the end; the exit code, or nothing when a signal or the bound ended it.
  std::optional<int> wait_for_exit();
  void signal(int number) const;

 private:
  bool read_more();

  pid_t pid_ = -1;
  int pipe_ = -1;
  std::string output_;
};

/// A connection to 127.0.0.1.
class Connection {
 public:
  explicit Connection(uint16_t port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view bytes) const;
  /// Reads until the input has `text`, or to the end; all that was read.
  std::string read_until(std::string_view text);
  std::string read_to_end();

 private:
  int socket_ = -1;
  std::string input_;
};

/// The whole answer to `GET target`.
std::string http_get(uint16_t port, const std::string& target);

/// Sends the upgrade to a WebSocket; the answer's header.
std::string open_websocket(Connection& connection, const std::string& target);

}  // namespace sluice::app
