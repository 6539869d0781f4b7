// A media engine for tests: requests come in on standard input, answers and events go out on
// standard output, logs on standard error. Ends when its input does.

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "lab/control_thread.h"
#include "lab/lab.h"
#include "media/engine.h"

namespace {

/// usage: sluice_lab [--loops N] [--ip ADDRESS]
sluice::media::EngineSettings read_settings(int count, char** arguments) {
  sluice::media::EngineSettings settings;
  settings.listen[0].ip = "127.0.0.1";
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = arguments[i];
    if (name == "--loops") {
      settings.loops = static_cast<unsigned>(std::atoi(arguments[i + 1]));
    } else if (name == "--ip") {
      settings.listen[0].ip = arguments[i + 1];
    } else {
      std::cerr << "unknown option " << name << "\n";
      std::exit(2);
    }
  }
  return settings;
}

}  // namespace

int main(int count, char** arguments) {
  sluice::lab::ControlThread control;
  const auto engine = sluice::media::Engine::create(
      read_settings(count, arguments), [&](auto work) { control.post(std::move(work)); });
  if (!engine) {
    std::cerr << engine.error().message << "\n";
    return 1;
  }
  sluice::lab::Lab lab(**engine, [](const std::string& line) { std::cout << line << std::endl; });
  std::cout << R"({"event":"ready"})" << std::endl;
  control.run(STDIN_FILENO, [&](const std::string& line) { lab.on_line(line); });
  return 0;
}
