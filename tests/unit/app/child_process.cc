#include "unit/app/child_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>

namespace sluice::app {
namespace {

// Far beyond what anything here takes, sanitizers and a busy machine included.
constexpr int kPatienceMs = 30000;

/// Appends what there is; false at the end of the input or of the patience.
bool read_some(int descriptor, std::string& to) {
  pollfd wait{.fd = descriptor, .events = POLLIN, .revents = 0};
  if (poll(&wait, 1, kPatienceMs) <= 0) {
    ADD_FAILURE() << "nothing came for " << kPatienceMs << " ms after:\n" << to;
    return false;
  }
  std::array<char, 4096> buffer{};
  const ssize_t size = read(descriptor, buffer.data(), buffer.size());
  if (size <= 0) {
    return false;
  }
  to.append(buffer.data(), static_cast<size_t>(size));
  return true;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) {
    result.push_back(text.data());
  }
  result.push_back(nullptr);
  return result;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "sluice-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    ADD_FAILURE() << "no temporary folder";
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TemporaryFolder::write(const std::string& name, std::string_view text) const {
  std::filesystem::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << text;
}

ChildProcess::ChildProcess(const Start& start) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    ADD_FAILURE() << "no pipe";
    return;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addchdir_np(&actions, start.folder.c_str());
  std::vector<std::string> arguments{start.name};
  arguments.insert(arguments.end(), start.arguments.begin(), start.arguments.end());
  std::vector<std::string> variables;
  for (const auto& [name, value] : start.environment) {
    variables.push_back(name + "=" + value);
  }
  const int failure = posix_spawn(&pid_, SLUICE_BINARY, &actions, nullptr,
                                  pointers(arguments).data(), pointers(variables).data());
  EXPECT_EQ(failure, 0) << "cannot start " SLUICE_BINARY;
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  pipe_ = ends[0];
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(pipe_);
}

bool ChildProcess::read_more() {
  return read_some(pipe_, output_);
}

bool ChildProcess::wait_for(std::string_view text) {
  while (output_.find(text) == std::string::npos) {
    if (!read_more()) {
      return false;
    }
  }
  return true;
}

std::string ChildProcess::rest_of_line(std::string_view text) {
  if (!wait_for(text)) {
    return {};
  }
  const size_t begin = output_.find(text) + text.size();
  while (output_.find('\n', begin) == std::string::npos) {
    if (!read_more()) {
      return {};
    }
  }
  return output_.substr(begin, output_.find('\n', begin) - begin);
}

std::optional<int> ChildProcess::wait_for_exit() {
  // The end of the output is the end of the process, which has no children.
  while (read_more()) {
  }
  if (::testing::Test::HasFailure()) {
    kill(pid_, SIGKILL);  // the bound may be over: do not wait for ever
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
}

void ChildProcess::signal(int number) const {
  kill(pid_, number);
}

Connection::Connection(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0)
      << "cannot connect to port " << port;
}

Connection::~Connection() {
  close(socket_);
}

void Connection::send(std::string_view bytes) const {
  EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

std::string Connection::read_until(std::string_view text) {
  while (input_.find(text) == std::string::npos && read_some(socket_, input_)) {
  }
  return input_;
}

std::string Connection::read_to_end() {
  while (read_some(socket_, input_)) {
  }
  return input_;
}

std::string http_get(uint16_t port, const std::string& target) {
  Connection connection(port);
  connection.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return connection.read_to_end();
}

std::string open_websocket(Connection& connection, const std::string& target) {
  connection.send(
      "GET " + target +
      " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  return connection.read_until("\r\n\r\n");
}

}  // namespace sluice::app
