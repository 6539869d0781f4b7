// A program that uses the library: a control thread, which the test plays, an engine on loopback
// and a router on it. Public headers only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/sluice.h"
#include "support/rtp_fixtures.h"

namespace sluice::library_test {

namespace json = boost::json;

inline json::value parse(std::string_view text) {
  return json::parse({text.data(), text.size()});
}

/// "ok", or how the object model calls the error.
template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "ok" : result.error().name();
}

class Library : public ::testing::Test {
 protected:
  Library() {
    EngineOptions options;
    options.media_loops = 2;
    options.listen = {{.ip = "127.0.0.1"}};
    options.packets_per_loop = 1024;
    engine.emplace(Engine::create(options, loop.executor()).value());
    router = engine->create_router(parse(test::kMediaCodecs)).value();
  }

  /// Runs the control thread until `done` holds; false after ten seconds.
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      loop.run_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  /// Asks something and waits for the answer.
  template <class T>
  Result<T> answer(const std::function<void(Reply<T>)>& ask) {
    // Shared, because an answer may come when nobody waits any more.
    const auto answer = std::make_shared<std::optional<Result<T>>>();
    ask([answer](Result<T> result) { answer->emplace(std::move(result)); });
    if (!run_until([&] { return answer->has_value(); })) {
      return generic_error("no answer came");
    }
    return std::move(**answer);
  }

  template <class H>
  Result<json::array> stats(const H& handle) {
    return answer<json::array>([&](auto reply) { handle.get_stats(std::move(reply)); });
  }
  template <class H>
  Result<json::object> dump(const H& handle) {
    return answer<json::object>([&](auto reply) { handle.dump(std::move(reply)); });
  }

  /// Opus on any transport.
  static Producer produce(const Transport& transport) {
    return transport
        .produce({.kind = MediaKind::kAudio, .rtp_parameters = parse(test::kAudioProducer)})
        .value();
  }
  static Consumer consume(const Transport& transport, const Producer& producer) {
    return transport
        .consume(
            {.producer_id = producer.id(), .rtp_capabilities = parse(test::kEndpointCapabilities)})
        .value();
  }

  RunLoop loop;
  std::optional<Engine> engine;
  Router router;
};

/// Notes which events are told, in order.
class Journal {
 public:
  std::function<void()> note(std::string entry) const {
    return [entries = entries_, entry = std::move(entry)] { entries->push_back(entry); };
  }
  [[nodiscard]] std::vector<std::string> take() const { return std::exchange(*entries_, {}); }

 private:
  std::shared_ptr<std::vector<std::string>> entries_ = std::make_shared<std::vector<std::string>>();
};

}  // namespace sluice::library_test
