// links: sluice_web
// HTTP requests from the wire to the route: the reader in one piece and in many must agree,
// whatever the input; targets, hosts and forwarding headers must never trip anything.
#include <cstdlib>
#include <string>

#include "web/client_address.h"
#include "web/request_reader.h"
#include "web/router.h"

namespace {

using namespace sluice;       // NOLINT(google-build-using-namespace)
using namespace sluice::web;  // NOLINT(google-build-using-namespace)

constexpr size_t kMaxHeader = 2048;
constexpr size_t kMaxBody = 512;

using Progress = RequestReader::Progress;

void check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

/// Feeds pieces of `step` bytes; `rest` is what the reader left, and what it was not given.
Progress read(RequestReader& reader, std::string_view input, size_t step, std::string& rest) {
  std::string buffer;
  Progress progress = reader.parse(buffer);
  for (size_t at = 0; progress == Progress::kNeedMore && at < input.size();) {
    const std::string_view piece = input.substr(at, step);
    at += piece.size();
    buffer += piece;
    progress = reader.parse(buffer);
    if (progress == Progress::kHeaderDone) {
      reader.set_body_limit(kMaxBody);
      progress = reader.parse(buffer);
    }
    check(buffer.size() <= kMaxHeader + step || progress != Progress::kNeedMore);
    rest = buffer + std::string(input.substr(at));
  }
  check(progress != Progress::kHeaderDone);
  check(reader.request().body.size() <= kMaxBody);
  check((progress == Progress::kFailed) == (reader.error_status() >= 400));
  return progress;
}

Router& router() {
  static Router instance = [] {
    Router made;
    const auto answer = [](const Request& request, Responder responder) {
      responder.text(std::string(request.parameter("*")) + std::string(request.query("q")));
    };
    made.route("GET", "/a/:x", answer);
    made.route("POST", "/a/b", answer);
    made.route("*", "/any/*", answer);
    made.scope("/a", {.cors = CorsPolicy{.origins = {"https://ok"}}});
    return made;
  }();
  return instance;
}

void serve(Request& request) {
  request.client = client_address(IpAddress::v4(0x7f000001), request.headers);
  parse_host(request.header("Host"));
  (void)wants_websocket(request);
  Response answer;
  router().dispatch(request, Responder([&answer](Response r) { answer = std::move(r); }));
  if (const auto& cors = router().scope_of(request.path()).cors) {
    add_cors(*cors, request, answer);
  }
  apply_conditions(request, answer);
  const std::string head = serialize_head(answer, {});
  // Exactly one empty line, at the end: nothing of the request can break the answer's form.
  check(head.find("\r\n\r\n") == head.size() - 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) {
    return 0;
  }
  const size_t step = size_t{data[0]} + 1;
  const std::string_view input = as_text(Bytes(data, size).subspan(1));
  RequestReader whole(kMaxHeader);
  std::string whole_rest;
  const Progress progress = read(whole, input, input.size() + 1, whole_rest);
  if (progress == Progress::kDone) {
    RequestReader pieces(kMaxHeader);
    std::string pieces_rest;
    check(read(pieces, input, step, pieces_rest) == Progress::kDone);
    check(pieces.request().body == whole.request().body);
    check(pieces.request().target == whole.request().target);
    check(pieces.request().headers.size() == whole.request().headers.size());
    check(pieces.keep_alive() == whole.keep_alive());
    check(pieces_rest == whole_rest);
    serve(whole.request());
  }
  return 0;
}
