// links: sluice_stun
// STUN: parsing anything, and for what parses: writing it again must give the same message, and
// answers to it must parse.
#include <array>
#include <cstdlib>
#include <vector>

#include "protocol/stun/binding.h"
#include "protocol/stun/message_writer.h"

namespace {

using namespace sluice;  // NOLINT(google-build-using-namespace): a program of one file
using stun::AttributeType;
using stun::Message;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

stun::IntegrityKey& key() {
  static stun::IntegrityKey instance("VOkJxbRl1RmTxUk/WvJxBt");
  return instance;
}

bool equal(const std::optional<stun::ErrorCode>& a, const std::optional<stun::ErrorCode>& b) {
  return a.has_value() == b.has_value() && (!a || (a->code == b->code && a->reason == b->reason));
}

void check_rewritten(const Message& message) {
  static std::array<uint8_t, 70000> buffer;
  stun::MessageWriter writer(buffer, message.message_class(), message.method(),
                             message.transaction_id());
  if (const auto v = message.username()) {
    writer.attribute(AttributeType::kUsername, *v);
  }
  if (const auto v = message.priority()) {
    writer.attribute_u32(AttributeType::kPriority, *v);
  }
  if (message.use_candidate()) {
    writer.attribute(AttributeType::kUseCandidate, Bytes{});
  }
  if (const auto v = message.ice_controlling()) {
    writer.attribute_u64(AttributeType::kIceControlling, *v);
  }
  if (const auto v = message.ice_controlled()) {
    writer.attribute_u64(AttributeType::kIceControlled, *v);
  }
  if (const auto v = message.nomination()) {
    writer.attribute_u32(AttributeType::kNomination, *v);
  }
  if (const auto v = message.software()) {
    writer.attribute(AttributeType::kSoftware, *v);
  }
  const auto address = message.xor_mapped_address();
  if (address) {
    writer.xor_mapped_address(*address);
  }
  const auto error = message.error_code();
  if (error) {
    writer.error_code(error->code, error->reason);
  }
  writer.integrity(key());
  writer.fingerprint();
  const Bytes written = writer.finish();
  if (written.empty()) {
    return;  // two long attributes and the tag may exceed what a length field can say
  }
  const auto again = Message::parse(written);
  require(again.has_value());
  require(again->message_class() == message.message_class());
  require(again->method() == message.method());
  require(again->username() == message.username());
  require(again->priority() == message.priority());
  require(again->use_candidate() == message.use_candidate());
  require(again->ice_controlling() == message.ice_controlling());
  require(again->ice_controlled() == message.ice_controlled());
  require(again->nomination() == message.nomination());
  require(again->software() == message.software());
  require(again->xor_mapped_address() == address);
  // A class has 3 bits: a code that only a number byte above 99 makes this high cannot be written.
  require(!error || error->code >= 800 || equal(again->error_code(), error));
  require(again->verify_integrity(key()));
}

void check_message(Bytes datagram) {
  const auto message = Message::parse(datagram);
  if (!message) {
    require(stun::to_string(message.error()) != nullptr);
    return;
  }
  require(stun::is_stun(datagram));
  require(message->unknown_required() <= datagram.size() / 4);
  static_cast<void>(message->verify_integrity(key()));
  check_rewritten(*message);

  std::array<uint8_t, stun::kMaxResponseSize> buffer;
  const SocketAddress to{IpAddress::v4(0xc0000201), 1234};
  const Bytes success = stun::write_success(buffer, *message, to, key());
  require(success.size() == stun::kMaxResponseSize - 12);
  // With a higher method a response begins with 3, which recognition leaves to others.
  if (message->method() < 0x080) {
    const auto parsed = Message::parse(success);
    require(parsed && parsed->xor_mapped_address() == to && parsed->verify_integrity(key()));
  }
  const Bytes error = stun::write_error(buffer, *message, 401);
  require(error.size() == 36);
  if (message->method() < 0x080) {
    require(Message::parse(error)->error_code()->code == 401);
  }
}

/// The input as attributes of a message whose header, integrity and fingerprint are right, which
/// mutation alone would hardly find.
void check_as_attributes(Bytes attributes) {
  std::vector<uint8_t> datagram(stun::kHeaderSize + attributes.size() / 4 * 4);
  const std::array<uint8_t, stun::kTransactionIdSize> id = {1, 2, 3};
  stun::MessageWriter(datagram, stun::MessageClass::kRequest, stun::kBindingMethod, id);
  std::copy_n(attributes.begin(), datagram.size() - stun::kHeaderSize,
              datagram.begin() + stun::kHeaderSize);
  store_be16(&datagram[2], static_cast<uint16_t>(datagram.size() - stun::kHeaderSize));
  check_message(datagram);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes input(data, size);
  check_message(input);
  if (size < 60000) {
    check_as_attributes(input);
    if (size > stun::kHeaderSize) {
      check_as_attributes(input.subspan(stun::kHeaderSize));
    }
  }
  return 0;
}
