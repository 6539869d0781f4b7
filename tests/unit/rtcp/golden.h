// One well-formed packet of each type, byte by byte.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "support.h"

namespace sluice::rtcp {

struct Golden {
  std::string name;
  Buffer packet;
  size_t index;  ///< of its type in Packet
  /// Sizes at which the packet, cut there and with its length field set to match, is still well
  /// formed.
  std::set<size_t> valid_sizes;
};

inline const char* const kBlockHex =
    "00000022 40 000102 00010003 00000004 00050006 00000007";  // lost 0x102, fraction 0x40

inline std::vector<Golden> golden_packets() {
  return {
      {"SenderReport",
       hex("81c8000c 00000011 0000000a 80000000 00003039 00000005 00000064") + hex(kBlockHex),
       0,
       {52}},
      {"ReceiverReport", hex("81c90007 00000011") + hex(kBlockHex), 1, {32}},
      {"SourceDescription", hex("81ca0003 00000011 01036162 63000000"), 2, {16}},
      {"Bye", hex("81cb0002 00000011 03627965"), 3, {8, 12}},
      {"Nack", hex("81cd0003 00000011 00000022 0064 0005"), 4, {12, 16}},
      {"Tmmbr", hex("83cd0004 00000011 00000000 00000022 0403e828"), 5, {20}},
      {"Tmmbn", hex("84cd0004 00000011 00000000 00000022 0403e828"), 6, {12, 20}},
      {"Tllei", hex("87cd0003 00000011 00000022 0064 0005"), 7, {12, 16}},
      {"EcnFeedback",
       hex("88cd0007 00000011 00000022 00010003 00000004 00000005 0006 0007 0008 0009"),
       8,
       {32}},
      {"TransportFeedback",
       hex("afcd0006 00000011 00000022 03e8 0003 000001 07 d900 04 fff0 01 0002"),
       9,
       {28}},
      {"Pli", hex("81ce0002 00000011 00000022"), 10, {12}},
      {"Sli", hex("82ce0003 00000011 00000022 00080081"), 11, {16}},
      {"Rpsi", hex("83ce0003 00000011 00000022 00 60 0102"), 12, {16}},
      {"Fir", hex("84ce0004 00000011 00000000 00000022 07000000"), 13, {20}},
      {"Tstr", hex("85ce0004 00000011 00000000 00000022 0700001f"), 14, {20}},
      {"Tstn", hex("86ce0004 00000011 00000000 00000022 0700001f"), 15, {20}},
      {"Vbcm", hex("87ce0005 00000011 00000000 00000022 07 60 0003 01020300"), 16, {24}},
      {"Pslei", hex("88ce0003 00000011 00000000 00000022"), 17, {16}},
      {"Remb", hex("8fce0005 00000011 00000000 52454d42 01 07d090 00000022"), 18, {24}},
      {"ExtendedReport",
       hex("80cf0008 00000011 04000002 0000000a 80000000 05000003 00000022 00000006 00000007"),
       19,
       {8, 20, 36}},
  };
}

}  // namespace sluice::rtcp
