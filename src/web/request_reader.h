// Incremental HTTP/1.x request parsing (RFC 9112), without any socket. The grammar is
// Boost.Beast's; the limits, the treatment of transfer codings and the error answers are decided
// here. One reader reads one request.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "web/request.h"

namespace sluice::web {

class RequestReader {
 public:
  enum class Progress {
    kNeedMore,    ///< everything useful was consumed
    kHeaderDone,  ///< reported once; set the body limit and go on
    kDone,        ///< the request is complete; what follows it is left in the buffer
    kFailed,      ///< answer `error_status()` and close: the stream is out of step
  };

  /// `max_header`: bytes of request line and fields together.
  explicit RequestReader(size_t max_header);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  /// Parses from the front of `buffer` and erases what it consumed. Bytes of an incomplete header
  /// or chunk header stay in the buffer until the rest is there.
  Progress parse(std::string& buffer);

  /// Limit of the body after removal of the transfer coding. Call at `kHeaderDone`; false when the
  /// announced length is already beyond it (`parse` then fails with 413).
  bool set_body_limit(size_t limit);

  /// The request as far as it is known; complete at `kDone`.
  [[nodiscard]] Request& request();
  /// At `kHeaderDone`: the client waits for 100 before it sends the body.
  [[nodiscard]] bool expects_continue() const;
  /// Whether the connection may serve another request, by the client's wish and version.
  [[nodiscard]] bool keep_alive() const;

  /// At `kFailed`: the status and text to answer with.
  [[nodiscard]] int error_status() const;
  [[nodiscard]] const std::string& error_text() const;

 private:
  class Parser;

  std::unique_ptr<Parser> parser_;
};

}  // namespace sluice::web
