// The frames of the FoundryVTT dialect, as text to values and back. Two wire forms are in use, and
// one parser reads both (foundryvtt 1.2 to 1.4):
//
//   browser module   {"type", "requestId", "userId", ...fields}  answers {"requestId",
//   "data"|"error"} original server  {"id", "method", "data": {fields}}          answers {"id",
//   "method", "data"}
//
// Pure: no sockets, no state. Values that come from a peer are echoed unchanged, never interpreted.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::foundry {

/// A wire form.
enum class Form : uint8_t {
  kNone,      ///< nothing said yet; of an answer: none is wanted
  kModule,    ///< the browser module's, flat ("C" in the specification)
  kOriginal,  ///< the original server's, nested ("R")
};

/// One frame from a peer.
struct Request {
  /// Empty when the frame names none; `named_by` is kNone then.
  std::string method;
  /// The form whose key named the method. The first one of a connection settles in which form it
  /// gets its notifications.
  Form named_by = Form::kNone;
  /// The form of the answer, after the key that the correlation value came under.
  Form answer = Form::kNone;
  /// `requestId` or `id` with its own JSON type.
  boost::json::value correlation;
  boost::json::object body;
  /// Bytes of the frame.
  size_t size = 0;

  [[nodiscard]] bool wants_answer() const { return answer != Form::kNone; }
  /// A field of the request: from `data` where that is an object, else (or when it is not there)
  /// from the top level. Null when there is none; a JSON null counts as none.
  [[nodiscard]] const boost::json::value* parameter(std::string_view name) const;
  /// What the sender calls itself in this frame: the first non-empty text of `userId`,
  /// `data.userId` and `appData.userId`. Empty when there is none.
  [[nodiscard]] std::string_view user_id() const;
};

/// Errors: not JSON, not an object.
Result<Request> parse_request(std::string_view text);

/// An answer in the form that `request` wants (which must not be kNone). `type` is the name of the
/// answer in the module's form; the original's form has none.
std::string write_result(const Request& request, std::string_view type, boost::json::object data);
std::string write_error(const Request& request, std::string_view type, std::string_view text);

/// A producer as other peers are told of it.
struct ProducerNotice {
  std::string producer_id;
  /// Id of the owning peer. Two connections of one user are two peers.
  std::string owner;
  std::string user_id;
  std::string_view kind;  ///< "audio" or "video"
  /// The producer's own, with `rtpParameters` added: the module refuses producers without.
  boost::json::object app_data;
};

// Notifications. For kNone they have the keys of both forms, which either reader takes for its own.
std::string write_notification(Form form, std::string_view method, boost::json::object fields);
std::string write_new_producer(Form form, const ProducerNotice& notice);
std::string write_producer_closed(Form form, std::string_view producer_id);

}  // namespace sluice::foundry
