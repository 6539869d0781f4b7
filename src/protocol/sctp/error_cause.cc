#include "protocol/sctp/error_cause.h"

#include <array>
#include <string_view>

#include "protocol/sctp/record_reader.h"

namespace sluice::sctp {
namespace {

// By code.
constexpr std::array<std::string_view, 14> kNames = {
    "no cause",
    "invalid stream identifier",
    "missing mandatory parameter",
    "stale cookie",
    "out of resource",
    "unresolvable address",
    "unrecognized chunk type",
    "invalid mandatory parameter",
    "unrecognized parameters",
    "no user data",
    "cookie received while shutting down",
    "restart with new addresses",
    "user-initiated abort",
    "protocol violation",
};

}  // namespace

std::vector<uint8_t> error_cause(uint16_t code, Bytes info) {
  std::vector<uint8_t> cause;
  append_record(cause, code, info);
  return cause;
}

std::vector<uint8_t> error_cause_u32(uint16_t code, uint32_t info) {
  std::array<uint8_t, 4> raw;
  store_be32(raw.data(), info);
  return error_cause(code, raw);
}

uint16_t first_cause(Bytes value) {
  const auto record = RecordReader(value).next();
  return record ? record->head : uint16_t{0};
}

std::string describe_causes(Bytes value) {
  const uint16_t code = first_cause(value);
  return code < kNames.size() ? std::string(kNames[code]) : "cause " + std::to_string(code);
}

}  // namespace sluice::sctp
