// A server on 127.0.0.1 and any free port, in the test's own thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "unit/web/test_client.h"
#include "web/server.h"

namespace sluice::web {

class ServerTest : public testing::Test {
 protected:
  /// Call before `start`.
  ServerOptions options;

  void start(std::optional<TlsIdentity> tls = std::nullopt) {
    server = std::make_unique<Server>(loop, options);
    const auto bound = server->listen({"127.0.0.1", 0, std::move(tls)});
    ASSERT_TRUE(bound) << bound.error().message;
    port = bound->port;
  }

  void TearDown() override {
    server.reset();
    loop.poll();  // lets cut connections come to their end
  }

  bool until(const std::function<bool()>& done) { return run_until(loop, done); }

  EventLoop loop;
  std::unique_ptr<Server> server;
  uint16_t port = 0;
};

}  // namespace sluice::web
