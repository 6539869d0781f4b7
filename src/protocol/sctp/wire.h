// Numbers of the SCTP wire format (RFC 9260 section 3; RFC 3758; RFC 5061; RFC 6525; RFC 8831).
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::sctp {

inline constexpr size_t kCommonHeaderSize = 12;
/// Header of a chunk, a parameter or an error cause: type (and flags), length.
inline constexpr size_t kRecordHeaderSize = 4;
/// DATA header including the chunk header.
inline constexpr size_t kDataHeaderSize = 16;

/// The length on the wire of a record of `size` bytes: all of them are padded to 32 bits.
constexpr size_t padded(size_t size) {
  return (size + 3) & ~size_t{3};
}

namespace chunk {
inline constexpr uint8_t kData = 0;
inline constexpr uint8_t kInit = 1;
inline constexpr uint8_t kInitAck = 2;
inline constexpr uint8_t kSack = 3;
inline constexpr uint8_t kHeartbeat = 4;
inline constexpr uint8_t kHeartbeatAck = 5;
inline constexpr uint8_t kAbort = 6;
inline constexpr uint8_t kShutdown = 7;
inline constexpr uint8_t kShutdownAck = 8;
inline constexpr uint8_t kError = 9;
inline constexpr uint8_t kCookieEcho = 10;
inline constexpr uint8_t kCookieAck = 11;
inline constexpr uint8_t kShutdownComplete = 14;
inline constexpr uint8_t kReconfig = 130;
inline constexpr uint8_t kForwardTsn = 192;
}  // namespace chunk

/// Flag of ABORT and SHUTDOWN COMPLETE: the verification tag is the receiver's own, reflected.
inline constexpr uint8_t kReflectedTag = 0x01;

namespace parameter {
inline constexpr uint16_t kHeartbeatInfo = 1;
inline constexpr uint16_t kIpv4Address = 5;
inline constexpr uint16_t kIpv6Address = 6;
inline constexpr uint16_t kStateCookie = 7;
inline constexpr uint16_t kUnrecognized = 8;
inline constexpr uint16_t kCookiePreservative = 9;
inline constexpr uint16_t kHostName = 11;
inline constexpr uint16_t kSupportedAddressTypes = 12;
inline constexpr uint16_t kOutgoingReset = 13;
inline constexpr uint16_t kIncomingReset = 14;
inline constexpr uint16_t kTsnReset = 15;
inline constexpr uint16_t kReconfigResponse = 16;
inline constexpr uint16_t kAddOutgoing = 17;
inline constexpr uint16_t kAddIncoming = 18;
inline constexpr uint16_t kSupportedExtensions = 0x8008;
inline constexpr uint16_t kForwardTsnSupported = 0xC000;
}  // namespace parameter

namespace cause {
inline constexpr uint16_t kInvalidStream = 1;
inline constexpr uint16_t kMissingParameter = 2;
inline constexpr uint16_t kStaleCookie = 3;
inline constexpr uint16_t kOutOfResource = 4;
inline constexpr uint16_t kUnresolvableAddress = 5;
inline constexpr uint16_t kUnrecognizedChunk = 6;
inline constexpr uint16_t kInvalidParameter = 7;
inline constexpr uint16_t kUnrecognizedParameters = 8;
inline constexpr uint16_t kNoUserData = 9;
inline constexpr uint16_t kCookieWhileShuttingDown = 10;
inline constexpr uint16_t kRestartWithNewAddresses = 11;
inline constexpr uint16_t kUserAbort = 12;
inline constexpr uint16_t kProtocolViolation = 13;
}  // namespace cause

/// Payload protocol identifiers of data channels (RFC 8831 section 8).
namespace ppid {
inline constexpr uint32_t kDcep = 50;
inline constexpr uint32_t kString = 51;
inline constexpr uint32_t kBinaryPartial = 52;  ///< deprecated
inline constexpr uint32_t kBinary = 53;
inline constexpr uint32_t kStringPartial = 54;  ///< deprecated
inline constexpr uint32_t kEmptyString = 56;
inline constexpr uint32_t kEmptyBinary = 57;
}  // namespace ppid

/// What the two high bits of an unknown chunk or parameter type ask for (RFC 9260 sections 3.2,
/// 3.2.1): to go on behind it or to stop there, and whether to tell the sender.
struct UnknownRule {
  bool skip;
  bool report;
};
constexpr UnknownRule unknown_chunk_rule(uint8_t type) {
  return {.skip = (type & 0x80) != 0, .report = (type & 0x40) != 0};
}
constexpr UnknownRule unknown_parameter_rule(uint16_t type) {
  return unknown_chunk_rule(static_cast<uint8_t>(type >> 8));
}

}  // namespace sluice::sctp
