// Router::pipe_to_router: a producer or data producer of one router made available in another
// (ortc-model 1.9.1).
#include <utility>

#include "media/consumer.h"
#include "media/data_consumer.h"
#include "media/data_producer.h"
#include "media/engine.h"
#include "media/pipe_transport.h"
#include "media/producer.h"
#include "media/router.h"

namespace sluice::media {
namespace {

/// Closing and pausing pass from the source to the copy, closing also back. Media or data.
template <class Consumer, class Producer>
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

Result<PipedProducer> pipe_through(const Producer& source, PipeTransport& local,
                                   PipeTransport& remote, const std::string& id) {
  ConsumeOptions consume;
  consume.producer_id = source.id();
  auto consumer = local.consume(consume);
  if (!consumer) {
    return std::unexpected(consumer.error());
  }
  auto producer = remote.produce({.kind = (*consumer)->kind(),
                                  .rtp_parameters = (*consumer)->rtp_parameters(),
                                  .paused = (*consumer)->producer_paused(),
                                  .id = id});
  if (!producer) {
    (*consumer)->close();
    return std::unexpected(producer.error());
  }
  link(*consumer, *producer);
  return PipedProducer{.consumer = std::move(*consumer), .producer = std::move(*producer)};
}

Result<PipedProducer> pipe_through(const DataProducer& source, PipeTransport& local,
                                   PipeTransport& remote, const std::string& id) {
  auto consumer = local.consume_data({.data_producer_id = source.id()});
  if (!consumer) {
    return std::unexpected(consumer.error());
  }
  auto producer =
      remote.produce_data({.sctp_stream_parameters = (*consumer)->sctp_stream_parameters(),
                           .label = (*consumer)->label(),
                           .protocol = (*consumer)->protocol(),
                           .paused = (*consumer)->data_producer_paused(),
                           .id = id});
  if (!producer) {
    (*consumer)->close();
    return std::unexpected(producer.error());
  }
  link(*consumer, *producer);
  return PipedProducer{.data_consumer = std::move(*consumer),
                       .data_producer = std::move(*producer)};
}

}  // namespace

Result<PipedProducer> Router::pipe_to_router(const PipeOptions& options) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  const bool media = !options.producer_id.empty();
  const bool data = !options.data_producer_id.empty();
  if (media == data) {
    return type_error(media ? "producerId and dataProducerId are given, expected one of them"
                            : "producerId and dataProducerId are missing, expected one of them");
  }
  if (!options.router) {
    return type_error("router is missing");
  }
  if (options.router.get() == this) {
    return type_error("router is the one that is piped from, expected another");
  }
  const std::string& source = media ? options.producer_id : options.data_producer_id;
  const auto producer = media ? find_producer(source) : nullptr;
  const auto data_producer = data ? find_data_producer(source) : nullptr;
  if (!producer && !data_producer) {
    return type_error((media ? "producerId is '" : "dataProducerId is '") + source +
                      "', expected a producer of router " + id_);
  }
  const auto ends = pipe_with(*options.router, options);
  if (!ends) {
    return std::unexpected(ends.error());
  }
  const std::string id = options.keep_id ? source : std::string();
  return producer ? pipe_through(*producer, *ends->local, *ends->remote, id)
                  : pipe_through(*data_producer, *ends->local, *ends->remote, id);
}

Result<Router::Pipe> Router::pipe_with(Router& other, const PipeOptions& options) {
  if (const auto found = pipes_.find(other.id()); found != pipes_.end()) {
    return found->second;
  }
  const PipeTransportOptions transport{.listen = options.listen,
                                       .enable_rtx = options.enable_rtx,
                                       .enable_srtp = options.enable_srtp,
                                       .sctp = options.sctp};
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
