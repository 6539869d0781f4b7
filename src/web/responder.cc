#include "web/responder.h"

#include "web/exchange_internal.h"
#include "web/websocket.h"

namespace sluice::web {
namespace {

std::shared_ptr<Exchange> exchange_for(std::move_only_function<void(Response)> sink) {
  auto exchange = std::make_shared<Exchange>();
  auto shared_sink = std::make_shared<std::move_only_function<void(Response)>>(std::move(sink));
  Exchange* const raw = exchange.get();
  exchange->wake = [raw, shared_sink] { (*shared_sink)(*raw->answer); };
  return exchange;
}

}  // namespace

Responder::Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

Responder::Responder(std::move_only_function<void(Response)> sink)
    : exchange_(exchange_for(std::move(sink))) {}

Responder::~Responder() {
  release();
}

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    release();
    exchange_ = std::move(other.exchange_);
  }
  return *this;
}

void Responder::release() {
  if (const auto exchange = std::move(exchange_)) {
    exchange->put(Response::error(500, "the request was not answered"));
  }
}

void Responder::send(Response response) {
  if (exchange_) {
    exchange_->put(std::move(response));
  }
}

void Responder::on_abort(std::move_only_function<void()> callback) {
  if (exchange_ && !exchange_->decided()) {
    exchange_->on_abort = std::move(callback);
  }
}

bool Responder::aborted() const {
  return exchange_ != nullptr && exchange_->aborted;
}

}  // namespace sluice::web
