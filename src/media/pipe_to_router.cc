// Router::pipe_to_router: a producer of one router made available in another (ortc-model 1.9.1).
#include <utility>

#include "media/consumer.h"
#include "media/engine.h"
#include "media/pipe_transport.h"
#include "media/producer.h"
#include "media/router.h"

namespace sluice::media {
namespace {

/// Closing and pausing pass from the source to the copy, closing also back.
void link(const std::shared_ptr<Consumer>& consumer, const std::shared_ptr<Producer>& producer) {
  const auto of_producer = [weak = std::weak_ptr(producer)](auto&& act) {
    return [weak, act] {
      if (const auto object = weak.lock()) {
        act(*object);
      }
    };
  };
  consumer->on_close.connect(of_producer([](Producer& object) { object.close(); }));
  consumer->on_pause.connect(of_producer([](Producer& object) { object.pause(); }));
  consumer->on_resume.connect(of_producer([](Producer& object) { object.resume(); }));
  producer->on_close.connect([weak = std::weak_ptr(consumer)] {
    if (const auto object = weak.lock()) {
      object->close();
    }
  });
}

Result<void> connect(PipeTransport& transport, const PipeTransport& to) {
  return transport.connect({.ip = to.tuple().local_address,
                            .port = to.tuple().local_port,
                            .srtp_parameters = to.srtp_parameters()});
}

}  // namespace

Result<PipedProducer> Router::pipe_to_router(const PipeOptions& options) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  if (options.producer_id.empty()) {
    return type_error("producerId is missing");
  }
  if (!options.router) {
    return type_error("router is missing");
  }
  if (options.router.get() == this) {
    return type_error("router is the one that is piped from, expected another");
  }
  const auto source = find_producer(options.producer_id);
  if (!source) {
    return type_error("producerId is '" + options.producer_id +
                      "', expected a producer of router " + id_);
  }
  const auto pipe = pipe_with(*options.router, options);
  if (!pipe) {
    return std::unexpected(pipe.error());
  }
  ConsumeOptions consume;
  consume.producer_id = source->id();
  auto consumer = pipe->local->consume(consume);
  if (!consumer) {
    return std::unexpected(consumer.error());
  }
  auto producer = pipe->remote->produce({.kind = (*consumer)->kind(),
                                         .rtp_parameters = (*consumer)->rtp_parameters(),
                                         .paused = (*consumer)->producer_paused(),
                                         .id = options.keep_id ? source->id() : std::string()});
  if (!producer) {
    (*consumer)->close();
    return std::unexpected(producer.error());
  }
  link(*consumer, *producer);
  return PipedProducer{std::move(*consumer), std::move(*producer)};
}

Result<Router::Pipe> Router::pipe_with(Router& other, const PipeOptions& options) {
  if (const auto found = pipes_.find(other.id()); found != pipes_.end()) {
    return found->second;
  }
  const PipeTransportOptions transport{.listen = options.listen,
                                       .enable_rtx = options.enable_rtx,
                                       .enable_srtp = options.enable_srtp};
  auto local = create_pipe_transport(transport);
  if (!local) {
    return std::unexpected(local.error());
  }
  auto remote = other.create_pipe_transport(transport);
  if (!remote) {
    (*local)->close();
    return std::unexpected(remote.error());
  }
  auto connected = connect(**local, **remote);
  if (connected) {
    connected = connect(**remote, **local);
  }
  if (!connected) {
    (*local)->close();
    (*remote)->close();
    return std::unexpected(connected.error());
  }
  const Pipe pipe{*local, *remote};
  pipes_[other.id()] = pipe;
  other.pipes_[id_] = {*remote, *local};
  // When one end goes, so does the other, and the next call makes a new pair.
  const auto close = [one = weak_from_this(), two = other.weak_from_this(), first = id_,
                      second = other.id()] {
    const auto forget = [](const std::shared_ptr<Router>& router, const std::string& peer) {
      if (router) {
        if (auto node = router->pipes_.extract(peer); !node.empty()) {
          node.mapped().local->close();
          node.mapped().remote->close();
        }
      }
    };
    forget(one.lock(), second);
    forget(two.lock(), first);
  };
  pipe.local->on_close.connect(close);
  pipe.remote->on_close.connect(close);
  return pipe;
}

}  // namespace sluice::media
