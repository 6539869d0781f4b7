// The Asio context inside EventLoop (internal to src/web).
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "web/event_loop.h"

namespace sluice::web {

struct EventLoop::Impl {
  // One thread runs it; others only post.
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};
};

}  // namespace sluice::web
