// The one answer to a request, now or later. Used on the control thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "web/response.h"

namespace sluice::web {

struct Exchange;

/// Move-only. The first call that sends wins; later ones do nothing. Destroyed without an answer it
/// sends 500, so that no client waits for ever.
class Responder {
 public:
  /// Made by the server; `wake` of the exchange is told of the answer.
  explicit Responder(std::shared_ptr<Exchange> exchange);
  /// For tests of handlers: gives the answer to `sink`.
  explicit Responder(std::move_only_function<void(Response)> sink);
  ~Responder();
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) noexcept;

  void send(Response response);
  void json(std::string body, int status = 200) { send(Response::json(std::move(body), status)); }
  void text(std::string body, int status = 200) { send(Response::text(std::move(body), status)); }
  /// An error in the form of the request's scope.
  void fail(int status, std::string text) { send(Response::error(status, std::move(text))); }

  /// Calls `callback` when the client has gone before the answer (a dropped long poll). A client
  /// that closes only its sending half counts as gone. Not called after an answer.
  void on_abort(std::move_only_function<void()> callback);
  /// Whether the client has gone.
  [[nodiscard]] bool aborted() const;

 private:
  void release();

  std::shared_ptr<Exchange> exchange_;
};

}  // namespace sluice::web
