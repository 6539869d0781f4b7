// The user name fragment and password of one side of an ICE session (RFC 8445 section 5.3).
#pragma once

#include <cstddef>
#include <string>

namespace sluice::ice {

struct Credentials {
  /// 32 characters of 36 symbols are 165 bits; RFC 8445 asks for 128 in the password.
  static constexpr size_t kLength = 32;

  std::string ufrag;
  std::string password;

  /// Both anew, from the system's random source. A server must still check that the ufrag is free.
  static Credentials generate();

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

}  // namespace sluice::ice
