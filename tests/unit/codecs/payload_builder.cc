#include "unit/codecs/payload_builder.h"

#include <bit>

namespace sluice::codecs {

Payload from_hex(std::string_view hex) {
  Payload bytes;
  int high = -1;
  for (const char c : hex) {
    if (c == ' ') {
      continue;
    }
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return bytes;
}

Payload vp8_payload(const Vp8Fields& f) {
  Payload p = {0x90,  // X, S, partition 0
               static_cast<uint8_t>((f.picture_id ? 0x80 : 0) | (f.tl0 ? 0x40 : 0) |
                                    (f.temporal_layer ? 0x20 : 0))};
  if (f.picture_id && f.one_byte_id) {
    p.push_back(*f.picture_id & 0x7f);
  } else if (f.picture_id) {
    p.push_back(static_cast<uint8_t>(0x80 | *f.picture_id >> 8));
    p.push_back(static_cast<uint8_t>(*f.picture_id));
  }
  if (f.tl0) {
    p.push_back(*f.tl0);
  }
  if (f.temporal_layer) {
    p.push_back(static_cast<uint8_t>(*f.temporal_layer << 6 | (f.sync ? 0x20 : 0)));
  }
  p.insert(p.end(), {static_cast<uint8_t>(f.key_frame ? 0x00 : 0x01), 0xaa, 0xbb});
  return p;
}

Payload vp9_payload(const Vp9Fields& f) {
  return {static_cast<uint8_t>(0xa0 | (f.predicted ? 0x40 : 0) | (f.begins ? 0x08 : 0) |
                               (f.ends ? 0x04 : 0)),
          static_cast<uint8_t>(0x80 | f.picture_id >> 8),
          static_cast<uint8_t>(f.picture_id),
          static_cast<uint8_t>(f.temporal_layer << 5 | (f.switching_up ? 0x10 : 0) |
                               f.spatial_layer << 1),
          0x00,
          0xaa};
}

Payload rewritten(const Payload& payload, const PayloadRewrite& rewrite) {
  Payload out(rewrite.bytes.begin(), rewrite.bytes.begin() + rewrite.size);
  out.insert(out.end(), payload.begin() + rewrite.skip, payload.end());
  return out;
}

void BitWriter::write(uint32_t value, unsigned bits) {
  for (unsigned i = bits; i-- > 0; ++position_) {
    if (position_ % 8 == 0) {
      bytes_.push_back(0);
    }
    bytes_.back() |= static_cast<uint8_t>((value >> i & 1) << (7 - position_ % 8));
  }
}

void BitWriter::non_symmetric(uint32_t value, uint32_t limit) {
  const auto width = static_cast<unsigned>(std::bit_width(limit));
  const uint32_t short_codes = (1U << width) - limit;
  if (value < short_codes) {
    write(value, width - 1);
  } else {
    write((value + short_codes) >> 1, width - 1);
    write((value + short_codes) & 1, 1);
  }
}

namespace {

void write_indications(BitWriter& bits, std::string_view indications) {
  for (const char c : indications) {
    bits.write(static_cast<uint32_t>(std::string_view("-DSR").find(c)), 2);
  }
}

uint32_t next_layer(const std::vector<TemplateFields>& templates, size_t i) {
  if (i + 1 == templates.size()) {
    return 3;
  }
  if (templates[i + 1].spatial_layer != templates[i].spatial_layer) {
    return 2;
  }
  return templates[i + 1].temporal_layer != templates[i].temporal_layer ? 1 : 0;
}

void write_structure(BitWriter& bits, const StructureFields& s) {
  bits.write(s.offset, 6);
  bits.write(s.decode_targets - 1U, 5);
  for (size_t i = 0; i < s.templates.size(); ++i) {
    bits.write(next_layer(s.templates, i), 2);
  }
  for (const TemplateFields& t : s.templates) {
    write_indications(bits, t.indications);
  }
  for (const TemplateFields& t : s.templates) {
    for (const uint16_t diff : t.frame_diffs) {
      bits.write(1, 1);
      bits.write(diff - 1U, 4);
    }
    bits.write(0, 1);
  }
  bits.non_symmetric(s.chains, s.decode_targets + 1U);
  for (const uint8_t chain : s.protected_by) {
    bits.non_symmetric(chain, s.chains);
  }
  for (const TemplateFields& t : s.templates) {
    for (const uint8_t diff : t.chain_diffs) {
      bits.write(diff, 4);
    }
  }
  bits.write(s.resolutions.empty() ? 0 : 1, 1);
  for (const auto& [width, height] : s.resolutions) {
    bits.write(width - 1U, 16);
    bits.write(height - 1U, 16);
  }
}

}  // namespace

Payload dependency_descriptor(const DescriptorFields& f) {
  BitWriter bits;
  bits.write(f.start, 1);
  bits.write(f.end, 1);
  bits.write(f.template_id, 6);
  bits.write(f.frame_number, 16);
  if (f.structure == nullptr && !f.active_targets && f.custom_indications.empty() &&
      !f.custom_frame_diffs && !f.custom_chain_diffs) {
    return bits.bytes();
  }
  bits.write(f.structure != nullptr, 1);
  bits.write(f.active_targets.has_value(), 1);
  bits.write(!f.custom_indications.empty(), 1);
  bits.write(f.custom_frame_diffs.has_value(), 1);
  bits.write(f.custom_chain_diffs.has_value(), 1);
  if (f.structure != nullptr) {
    write_structure(bits, *f.structure);
  }
  if (f.active_targets) {
    bits.write(*f.active_targets,
               f.structure != nullptr ? f.structure->decode_targets : f.decode_targets);
  }
  write_indications(bits, f.custom_indications);
  if (f.custom_frame_diffs) {
    for (const uint16_t diff : *f.custom_frame_diffs) {
      const unsigned nibbles = diff <= 0x10 ? 1 : diff <= 0x100 ? 2 : 3;
      bits.write(nibbles, 2);
      bits.write(diff - 1U, 4 * nibbles);
    }
    bits.write(0, 2);
  }
  if (f.custom_chain_diffs) {
    for (const uint8_t diff : *f.custom_chain_diffs) {
      bits.write(diff, 8);
    }
  }
  return bits.bytes();
}

}  // namespace sluice::codecs
