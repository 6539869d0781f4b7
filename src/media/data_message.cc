#include "media/data_message.h"

#include <utility>

#include "protocol/sctp/wire.h"

namespace sluice::media {

namespace ppid = sctp::ppid;

DataMessage DataMessage::text(std::string_view text) {
  return make(ppid::kString, {text.begin(), text.end()});
}

DataMessage DataMessage::binary(Bytes bytes) {
  return make(ppid::kBinary, {bytes.begin(), bytes.end()});
}

DataMessage DataMessage::make(uint32_t id, std::vector<uint8_t> payload) {
  DataMessage message;
  message.ppid = id;
  if (payload.empty()) {
    message.ppid = id == ppid::kString   ? ppid::kEmptyString
                   : id == ppid::kBinary ? ppid::kEmptyBinary
                                         : id;
  }
  if (message.ppid == ppid::kEmptyString) {
    payload = {' '};
  } else if (message.ppid == ppid::kEmptyBinary || payload.empty()) {
    payload = {0};
  }
  message.payload = std::move(payload);
  return message;
}

}  // namespace sluice::media
