#include "protocol/stun/binding.h"

#include "protocol/stun/message_writer.h"

namespace sluice::stun {

Bytes write_success(MutableBytes buffer, const Message& request, const SocketAddress& mapped,
                    IntegrityKey& key) {
  MessageWriter writer(buffer, MessageClass::kSuccess, request.method(), request.transaction_id());
  writer.xor_mapped_address(mapped);
  writer.integrity(key);
  writer.fingerprint();
  return writer.finish();
}

Bytes write_error(MutableBytes buffer, const Message& request, uint16_t code) {
  MessageWriter writer(buffer, MessageClass::kError, request.method(), request.transaction_id());
  writer.error_code(code);
  writer.fingerprint();
  return writer.finish();
}

Bytes write_request(MutableBytes buffer, const BindingRequest& request) {
  MessageWriter writer(buffer, MessageClass::kRequest, kBindingMethod, request.transaction_id);
  if (request.software) {
    writer.attribute(AttributeType::kSoftware, *request.software);
  }
  if (request.username) {
    writer.attribute(AttributeType::kUsername, *request.username);
  }
  if (request.priority) {
    writer.attribute_u32(AttributeType::kPriority, *request.priority);
  }
  if (request.controlling) {
    writer.attribute_u64(AttributeType::kIceControlling, *request.controlling);
  }
  if (request.controlled) {
    writer.attribute_u64(AttributeType::kIceControlled, *request.controlled);
  }
  if (request.use_candidate) {
    writer.attribute(AttributeType::kUseCandidate, Bytes{});
  }
  if (request.nomination) {
    writer.attribute_u32(AttributeType::kNomination, *request.nomination);
  }
  if (request.password) {
    IntegrityKey key(*request.password);
    writer.integrity(key);
  }
  if (request.fingerprint) {
    writer.fingerprint();
  }
  return writer.finish();
}

}  // namespace sluice::stun
