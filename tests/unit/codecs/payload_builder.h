// Makes payloads and dependency descriptors for the tests, independently of the parsers.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "protocol/codecs/payload.h"

namespace sluice::codecs {

using Payload = std::vector<uint8_t>;

/// From hexadecimal digits; spaces are ignored.
Payload from_hex(std::string_view hex);

struct Vp8Fields {
  std::optional<uint16_t> picture_id{};
  std::optional<uint8_t> tl0{};
  std::optional<uint8_t> temporal_layer{};
  bool sync = false;
  bool key_frame = false;
  bool one_byte_id = false;
};
Payload vp8_payload(const Vp8Fields& fields);

struct Vp9Fields {
  uint16_t picture_id = 0;
  uint8_t spatial_layer = 0;
  uint8_t temporal_layer = 0;
  bool switching_up = false;
  bool predicted = false;
  bool begins = true;
  bool ends = true;
};
/// Non-flexible mode, with a picture id of two bytes and layer indices.
Payload vp9_payload(const Vp9Fields& fields);

/// The payload as it goes out.
Payload rewritten(const Payload& payload, const PayloadRewrite& rewrite);

class BitWriter {
 public:
  void write(uint32_t value, unsigned bits);
  void non_symmetric(uint32_t value, uint32_t limit);
  /// Zero bits fill the last byte.
  [[nodiscard]] const Payload& bytes() const { return bytes_; }

 private:
  Payload bytes_;
  size_t position_ = 0;
};

struct TemplateFields {
  uint8_t spatial_layer = 0;
  uint8_t temporal_layer = 0;
  std::string_view indications{};  ///< '-', 'D', 'S' or 'R' for each decode target
  std::vector<uint16_t> frame_diffs{};
  std::vector<uint8_t> chain_diffs{};
};

struct StructureFields {
  uint8_t offset = 0;
  uint8_t decode_targets = 1;
  std::vector<TemplateFields> templates{};
  std::vector<uint8_t> protected_by{};  ///< empty for no chains
  unsigned chains = 0;
  std::vector<std::pair<uint16_t, uint16_t>> resolutions{};
};

struct DescriptorFields {
  bool start = true;
  bool end = true;
  uint8_t template_id = 0;
  uint16_t frame_number = 0;
  const StructureFields* structure = nullptr;
  std::optional<uint32_t> active_targets{};
  std::string_view custom_indications{};
  std::optional<std::vector<uint16_t>> custom_frame_diffs{};
  std::optional<std::vector<uint8_t>> custom_chain_diffs{};
  unsigned decode_targets = 1;  ///< bits of `active_targets`, without a structure
};
Payload dependency_descriptor(const DescriptorFields& fields);

}  // namespace sluice::codecs
