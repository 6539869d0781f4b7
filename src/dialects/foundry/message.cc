#include "dialects/foundry/message.h"

#include <boost/json/serialize.hpp>
#include <utility>

#include "protocol/ortc/json.h"

namespace sluice::foundry {
namespace {

namespace bj = boost::json;

/// The member if it is there and not null.
const bj::value* member(const bj::object& object, std::string_view name) {
  const bj::value* const found = object.if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

const bj::object* object_member(const bj::object& object, std::string_view name) {
  const bj::value* const found = object.if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

/// Empty when it is no text.
std::string_view text_member(const bj::object& object, std::string_view name) {
  const bj::value* const found = object.if_contains(name);
  const bj::string* const text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string_view{} : std::string_view(*text);
}

bool has_text(const bj::object& object, std::string_view name) {
  const bj::value* const found = object.if_contains(name);
  return found != nullptr && found->is_string();
}

bj::object envelope(const Request& request, std::string_view type) {
  if (request.answer == Form::kModule) {
    return {{"requestId", request.correlation}, {"type", type}};
  }
  return {{"id", request.correlation}, {"method", "response"}};
}

}  // namespace

const bj::value* Request::parameter(std::string_view name) const {
  if (const bj::object* const data = object_member(body, "data")) {
    if (const bj::value* const found = member(*data, name)) {
      return found;
    }
  }
  return member(body, name);
}

std::string_view Request::user_id() const {
  if (const std::string_view id = text_member(body, "userId"); !id.empty()) {
    return id;
  }
  if (const bj::object* const data = object_member(body, "data")) {
    if (const std::string_view id = text_member(*data, "userId"); !id.empty()) {
      return id;
    }
  }
  const bj::value* const app_data = parameter("appData");
  const bj::object* const described = app_data == nullptr ? nullptr : app_data->if_object();
  return described == nullptr ? std::string_view{} : text_member(*described, "userId");
}

Result<Request> parse_request(std::string_view text) {
  auto value = ortc::parse_json(text);
  if (!value) {
    return std::unexpected(value.error());
  }
  if (!value->is_object()) {
    return type_error("the frame is no JSON object");
  }
  Request request;
  request.size = text.size();
  request.body = std::move(value->as_object());
  if (has_text(request.body, "method")) {
    request.method = text_member(request.body, "method");
    request.named_by = Form::kOriginal;
  } else if (has_text(request.body, "type")) {
    request.method = text_member(request.body, "type");
    request.named_by = Form::kModule;
  }
  if (const bj::value* const id = member(request.body, "requestId")) {
    request.correlation = *id;
    request.answer = Form::kModule;
  } else if (const bj::value* const original_id = member(request.body, "id")) {
    request.correlation = *original_id;
    request.answer = Form::kOriginal;
  }
  return request;
}

std::string write_result(const Request& request, std::string_view type, bj::object data) {
  bj::object frame = envelope(request, type);
  frame["data"] = std::move(data);
  return bj::serialize(frame);
}

std::string write_error(const Request& request, std::string_view type, std::string_view text) {
  // The module takes an empty error for success.
  const std::string_view shown = text.empty() ? "the request failed" : text;
  bj::object frame = envelope(request, type);
  if (request.answer == Form::kModule) {
    frame["error"] = shown;
  } else {
    frame["data"] = bj::object{{"error", shown}};
  }
  return bj::serialize(frame);
}

std::string write_notification(Form form, std::string_view method, bj::object fields) {
  bj::object frame;
  if (form != Form::kModule) {
    frame["id"] = nullptr;
    frame["method"] = method;
  }
  if (form != Form::kOriginal) {
    frame["type"] = method;
    for (const auto& [key, value] : fields) {
      // `id` is the original's name of a producer; at the top level it would be a correlation.
      if (key != "id") {
        frame[key] = value;
      }
    }
  }
  if (form != Form::kModule) {
    frame["data"] = std::move(fields);
  }
  return bj::serialize(frame);
}

std::string write_new_producer(Form form, const ProducerNotice& notice) {
  return write_notification(form, "newProducer",
                            {{"id", notice.producer_id},
                             {"producerId", notice.producer_id},
                             {"userId", notice.user_id},
                             {"peerId", notice.owner},
                             {"kind", notice.kind},
                             {"appData", notice.app_data}});
}

std::string write_producer_closed(Form form, std::string_view producer_id) {
  return write_notification(form, "producerClosed", {{"producerId", producer_id}});
}

}  // namespace sluice::foundry
