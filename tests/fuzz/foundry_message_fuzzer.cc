// links: sluice_foundry
// Frames of the FoundryVTT dialect: whatever comes, parsing it and answering it gives one JSON
// object with the correlation of the request.
#include <boost/json.hpp>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dialects/foundry/environment.h"
#include "dialects/foundry/message.h"

namespace {

using namespace sluice;  // NOLINT(google-build-using-namespace): a program of one file
namespace bj = boost::json;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

bj::object parse_own(const std::string& text) {
  const bj::value value = bj::parse(text);
  require(value.is_object());
  return value.as_object();
}

/// A number may be rounded on its way; everything else comes back as it was.
bool is_plain(const bj::value& value) {
  return value.is_string() || value.is_int64() || value.is_uint64() || value.is_bool();
}

void check_answers(const foundry::Request& request) {
  const bool module = request.answer == foundry::Form::kModule;
  const bj::object result = parse_own(foundry::write_result(request, "type", bj::object{{"k", 1}}));
  const bj::object error = parse_own(foundry::write_error(request, "type", request.method));
  const char* const key = module ? "requestId" : "id";
  if (is_plain(request.correlation)) {
    require(result.at(key) == request.correlation);
    require(error.at(key) == request.correlation);
  }
  require(result.at("data").at("k") == bj::value(1));
  const bj::value& text = module ? error.at("error") : error.at("data").at("error");
  require(text.is_string() && !text.get_string().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto request = foundry::parse_request(text);
  if (!request) {
    foundry::parse_env_file(text);
    return 0;
  }
  require(request->size == size);
  require(request->named_by != foundry::Form::kNone || request->method.empty());
  for (const char* name : {"transportId", "producerId", "kind", "appData", "data", ""}) {
    const bj::value* const value = request->parameter(name);
    require(value == nullptr || !value->is_null());
  }
  (void)request->user_id();
  if (request->wants_answer()) {
    require(!request->correlation.is_null());
    check_answers(*request);
  }
  // What one peer calls itself reaches the others.
  foundry::ProducerNotice notice;
  notice.producer_id = "p";
  notice.user_id = request->user_id();
  notice.kind = "audio";
  notice.app_data = request->body;
  for (const auto form : {foundry::Form::kNone, foundry::Form::kModule, foundry::Form::kOriginal}) {
    const bj::object frame = parse_own(foundry::write_new_producer(form, notice));
    require(frame.contains("type") == (form != foundry::Form::kOriginal));
    require(frame.contains("method") == (form != foundry::Form::kModule));
  }
  return 0;
}
