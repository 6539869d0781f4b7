// The control thread of the lab: runs what the engine posts and what comes in as lines, in turn.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace sluice::lab {

class ControlThread {
 public:
  using Work = std::move_only_function<void()>;

  ControlThread();
  ~ControlThread();
  ControlThread(const ControlThread&) = delete;
  ControlThread& operator=(const ControlThread&) = delete;

  /// From any thread.
  void post(Work work);
  /// Calls `on_line` for every line of a file, and runs what is posted, until the file ends.
  void run(int input, const std::function<void(const std::string&)>& on_line);

 private:
  void run_posted();

  int wake_;
  std::mutex mutex_;
  std::vector<Work> posted_;
};

}  // namespace sluice::lab
