// The object model of the media engine behind requests and events, each one line of JSON:
//
//   {"id": 1, "method": "createRouter", "params": {"mediaCodecs": […]}}
//   {"id": 1, "result": {"id": "…", "rtpCapabilities": {…}}}
//   {"id": 2, "error": {"name": "TypeError", "message": "…"}}
//   {"event": "layerschange", "object": "…", "data": {"spatialLayer": 1, "temporalLayer": 2}}
//
// Methods and members are called as in the object model, except that `connect` is `connectPlain`
// and `connectPipe` for transports of these kinds; `lab.cc` lists them. Objects are named by their
// ids.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "lab/parameters.h"
#include "media/consumer.h"
#include "media/data_consumer.h"
#include "media/data_producer.h"
#include "media/engine.h"
#include "media/pipe_transport.h"
#include "media/plain_transport.h"
#include "media/producer.h"
#include "media/router.h"
#include "media/webrtc_transport.h"

namespace sluice::lab {

class Lab {
 public:
  using Answer = std::move_only_function<void(Result<boost::json::value>)>;
  using Method = void (Lab::*)(const Parameters&, Answer);

  /// `write` gets every answer and event, without the end of line.
  Lab(media::Engine& engine, std::function<void(const std::string&)> write);

  /// One request. What is no request at all is answered without an id.
  void on_line(const std::string& line);

 private:
  template <class T>
  using Objects = std::unordered_map<std::string, std::shared_ptr<T>>;

  void create_router(const Parameters& parameters, Answer answer);
  void create_webrtc_transport(const Parameters& parameters, Answer answer);
  void create_plain_transport(const Parameters& parameters, Answer answer);
  void create_pipe_transport(const Parameters& parameters, Answer answer);
  void connect(const Parameters& parameters, Answer answer);
  void connect_plain(const Parameters& parameters, Answer answer);
  void connect_pipe(const Parameters& parameters, Answer answer);
  void restart_ice(const Parameters& parameters, Answer answer);
  void set_bitrates(const Parameters& parameters, Answer answer);
  void produce(const Parameters& parameters, Answer answer);
  void consume(const Parameters& parameters, Answer answer);
  void produce_data(const Parameters& parameters, Answer answer);
  void consume_data(const Parameters& parameters, Answer answer);
  void set_preferred_layers(const Parameters& parameters, Answer answer);
  void set_priority(const Parameters& parameters, Answer answer);
  void request_key_frame(const Parameters& parameters, Answer answer);
  void pause(const Parameters& parameters, Answer answer);
  void resume(const Parameters& parameters, Answer answer);
  void close(const Parameters& parameters, Answer answer);
  void get_stats(const Parameters& parameters, Answer answer);
  void dump(const Parameters& parameters, Answer answer);
  void enable_trace_event(const Parameters& parameters, Answer answer);

  // Tell the events of a new object, and forget it when it closes.
  void keep(const std::shared_ptr<media::WebRtcTransport>& transport);
  void keep(const std::shared_ptr<media::PlainTransport>& transport);
  void keep_transport(const std::shared_ptr<media::Transport>& transport);
  void keep(const std::shared_ptr<media::Producer>& producer);
  void keep(const std::shared_ptr<media::Consumer>& consumer);
  void keep(const std::shared_ptr<media::DataProducer>& producer);
  void keep(const std::shared_ptr<media::DataConsumer>& consumer);
  void emit(const std::string& object, const char* event, boost::json::value data = nullptr);

  /// The transport that `transportId` names, when it is of that kind; else a TypeError.
  template <class T>
  Result<std::shared_ptr<T>> find_transport(const Parameters& parameters) const;

  /// Calls `use` with the object of that id, whatever it is, routers excepted.
  void with_any(const Parameters& parameters, Answer answer, const auto& use);

  media::Engine& engine_;
  std::function<void(const std::string&)> write_;
  Objects<media::Router> routers_;
  Objects<media::Transport> transports_;
  Objects<media::Producer> producers_;
  Objects<media::Consumer> consumers_;
  Objects<media::DataProducer> data_producers_;
  Objects<media::DataConsumer> data_consumers_;
};

}  // namespace sluice::lab
