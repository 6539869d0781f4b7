// The dependency descriptor: the vector of media-plane 5.13, all optional parts, and the structure
// that is remembered.
#include "protocol/codecs/dependency_descriptor.h"

#include <gtest/gtest.h>

#include "unit/codecs/dependency_structures.h"

namespace sluice::codecs {
namespace {

using Dti = DecodeTargetIndication;

std::string text_of(const DecodeTargetIndications& indications, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    text += "-DSR"[static_cast<size_t>(indications.at(i))];
  }
  return text;
}

std::vector<int> diffs_of(const FrameDependencies& frame) {
  return {frame.frame_diffs.begin(), frame.frame_diffs.begin() + frame.frame_diff_count};
}

const Payload kVector = from_hex("80 01 2F 80 02 14 EA A8 60 41 4D 14 10 20 84 26");

TEST(DependencyDescriptor, Av100VectorOfTheSpecification) {  // AV1-00
  DependencyDescriptorReader reader;
  const auto d = reader.parse(kVector);
  ASSERT_TRUE(d);
  EXPECT_TRUE(d->start_of_frame);
  EXPECT_FALSE(d->end_of_frame);
  EXPECT_EQ(d->template_id, 0);
  EXPECT_EQ(d->frame_number, 303);
  EXPECT_TRUE(d->structure_attached);
  EXPECT_EQ(d->active_decode_targets, 0b111U);
  EXPECT_EQ(d->frame.spatial_layer, 0);
  EXPECT_EQ(d->frame.temporal_layer, 0);

  const DependencyStructure* const s = reader.structure();
  ASSERT_NE(s, nullptr);
  EXPECT_EQ(s->template_id_offset, 0);
  EXPECT_EQ(s->decode_target_count, 3);
  ASSERT_EQ(s->template_count, 5);
  EXPECT_EQ(s->spatial_layer_count, 1);
  constexpr std::array<int, 5> kTemporal = {0, 0, 1, 2, 2};
  constexpr std::array<const char*, 5> kIndications = {"SSS", "SSS", "-DS", "--D", "--D"};
  const std::array<std::vector<int>, 5> kDiffs = {{{}, {4}, {2}, {1}, {1}}};
  constexpr std::array<int, 5> kChainDiffs = {0, 4, 2, 1, 3};
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(s->templates[i].spatial_layer, 0);
    EXPECT_EQ(s->templates[i].temporal_layer, kTemporal[i]);
    EXPECT_EQ(text_of(s->templates[i].indications, 3), kIndications[i]);
    EXPECT_EQ(diffs_of(s->templates[i]), kDiffs[i]);
    EXPECT_EQ(s->templates[i].chain_diffs[0], kChainDiffs[i]);
  }
  EXPECT_EQ(s->chain_count, 1);
  EXPECT_EQ(s->protected_by[0] + s->protected_by[1] + s->protected_by[2], 0);
  EXPECT_FALSE(s->has_resolutions);
  for (uint8_t i = 0; i < 3; ++i) {
    EXPECT_EQ(s->decode_target_layers[i].temporal, i);
  }
}

TEST(DependencyDescriptor, CutShortAtEachByteItIsNoneAndNothingIsRemembered) {
  for (size_t size = 0; size < kVector.size(); ++size) {
    DependencyDescriptorReader reader;
    EXPECT_FALSE(reader.parse(Bytes(kVector).first(size))) << size;
    EXPECT_EQ(reader.structure(), nullptr) << size;
  }
}

TEST(DependencyDescriptor, Av101TwoBytesAreIgnored) {  // AV1-01
  DependencyDescriptorReader reader;
  ASSERT_TRUE(reader.parse(kVector));
  EXPECT_FALSE(reader.parse(from_hex("80 01")));
  EXPECT_FALSE(parse_dependency_descriptor_start(from_hex("80 01")));
}

TEST(DependencyDescriptor, Av102TemplateIdOutOfRangeIsNone) {  // AV1-02
  DependencyDescriptorReader reader;
  ASSERT_TRUE(reader.parse(kVector));
  EXPECT_TRUE(reader.parse(dependency_descriptor({.template_id = 4, .frame_number = 304})));
  EXPECT_FALSE(reader.parse(dependency_descriptor({.template_id = 5, .frame_number = 305})));
  EXPECT_FALSE(reader.parse(dependency_descriptor({.template_id = 63, .frame_number = 306})));
}

TEST(DependencyDescriptor, Av103OffsetIsRememberedWithTheStructure) {  // AV1-03
  const LayeredStream stream(2, 2, false, 0, 5);
  DependencyDescriptorReader reader;
  ASSERT_TRUE(reader.parse(dependency_descriptor(
      {.template_id = 5, .frame_number = 1, .structure = &stream.structure()})));
  const auto& templates = stream.structure().templates;
  for (uint8_t i = 0; i < templates.size(); ++i) {
    const auto d = reader.parse(dependency_descriptor(
        {.template_id = static_cast<uint8_t>(5 + i), .frame_number = uint16_t{2}}));
    ASSERT_TRUE(d) << int{i};
    EXPECT_EQ(d->frame.spatial_layer, templates[i].spatial_layer) << int{i};
    EXPECT_EQ(d->frame.temporal_layer, templates[i].temporal_layer) << int{i};
  }
  EXPECT_FALSE(reader.parse(dependency_descriptor({.template_id = 4, .frame_number = 3})));
}

TEST(DependencyDescriptor, OffsetWraps) {
  const LayeredStream stream(1, 3, false, 0, 62);
  DependencyDescriptorReader reader;
  ASSERT_TRUE(
      reader.parse(dependency_descriptor({.template_id = 62, .structure = &stream.structure()})));
  const auto d = reader.parse(dependency_descriptor({.template_id = 2, .frame_number = 1}));
  ASSERT_TRUE(d);
  EXPECT_EQ(d->frame.temporal_layer, 2);
  EXPECT_FALSE(reader.parse(dependency_descriptor({.template_id = 3, .frame_number = 2})));
}

TEST(DependencyDescriptor, WithoutAStructureOnlyTheStartIsKnown) {
  DependencyDescriptorReader reader;
  const Payload value = dependency_descriptor({.template_id = 3, .frame_number = 77});
  EXPECT_FALSE(reader.parse(value));
  const auto start = parse_dependency_descriptor_start(value);
  ASSERT_TRUE(start);
  EXPECT_EQ(start->frame_number, 77);
  EXPECT_EQ(start->template_id, 3);
}

TEST(DependencyDescriptor, ResetForgetsTheStructure) {
  DependencyDescriptorReader reader;
  ASSERT_TRUE(reader.parse(kVector));
  reader.reset();
  EXPECT_FALSE(reader.parse(dependency_descriptor({.template_id = 0, .frame_number = 304})));
}

TEST(DependencyDescriptor, CustomPartsReplaceThoseOfTheTemplate) {
  DependencyDescriptorReader reader;
  ASSERT_TRUE(reader.parse(kVector));
  const auto d = reader.parse(
      dependency_descriptor({.template_id = 2,
                             .frame_number = 304,
                             .custom_indications = "RS-",
                             .custom_frame_diffs = std::vector<uint16_t>{1, 16, 17, 256, 4096},
                             .custom_chain_diffs = std::vector<uint8_t>{200}}));
  ASSERT_TRUE(d);
  EXPECT_EQ(d->frame.temporal_layer, 1);
  EXPECT_EQ(text_of(d->frame.indications, 3), "RS-");
  EXPECT_EQ(diffs_of(d->frame), (std::vector<int>{1, 16, 17, 256, 4096}));
  EXPECT_EQ(d->frame.chain_diffs[0], 200);
  EXPECT_EQ(text_of(reader.structure()->templates[2].indications, 3), "-DS");
  EXPECT_EQ(diffs_of(reader.structure()->templates[2]), (std::vector<int>{2}));
}

TEST(DependencyDescriptor, MoreReferencesThanAnyCodecHasAreMalformed) {
  DependencyDescriptorReader reader;
  ASSERT_TRUE(reader.parse(kVector));
  DescriptorFields fields{.frame_number = 304,
                          .custom_frame_diffs = std::vector<uint16_t>(kMaxFrameDiffs, 1)};
  EXPECT_TRUE(reader.parse(dependency_descriptor(fields)));
  fields.custom_frame_diffs->push_back(1);
  EXPECT_FALSE(reader.parse(dependency_descriptor(fields)));
}

TEST(DependencyDescriptor, ActiveTargetsLastUntilTheNextOnes) {
  DependencyDescriptorReader reader;
  ASSERT_TRUE(reader.parse(kVector));
  const auto set = reader.parse(
      dependency_descriptor({.frame_number = 304, .active_targets = 0b011, .decode_targets = 3}));
  ASSERT_TRUE(set);
  EXPECT_EQ(set->active_decode_targets, 0b011U);
  EXPECT_EQ(reader.parse(dependency_descriptor({.frame_number = 305}))->active_decode_targets,
            0b011U);
  LayeredStream stream(1, 2, false);
  EXPECT_EQ(
      reader
          .parse(dependency_descriptor(
              {.frame_number = 306, .structure = &stream.structure(), .active_targets = 0b01}))
          ->active_decode_targets,
      0b01U);
  EXPECT_EQ(
      reader.parse(dependency_descriptor({.frame_number = 307, .structure = &stream.structure()}))
          ->active_decode_targets,
      0b11U);
}

TEST(DependencyDescriptor, ChainsAndResolutionsAreRead) {
  StructureFields structure{.offset = 9,
                            .decode_targets = 3,
                            .templates = {{.indications = "SSS", .chain_diffs = {0, 0}},
                                          {.spatial_layer = 1,
                                           .indications = "-SR",
                                           .frame_diffs = {1, 16},
                                           .chain_diffs = {15, 1}}},
                            .protected_by = {0, 1, 1},
                            .chains = 2,
                            .resolutions = {{320, 180}, {65535, 1}}};
  DependencyDescriptorReader reader;
  ASSERT_TRUE(reader.parse(dependency_descriptor({.template_id = 10, .structure = &structure})));
  const DependencyStructure& s = *reader.structure();
  EXPECT_EQ(s.chain_count, 2);
  EXPECT_EQ(s.protected_by[1], 1);
  EXPECT_EQ(s.templates[1].chain_diffs[0], 15);
  EXPECT_EQ(s.templates[1].chain_diffs[1], 1);
  EXPECT_EQ(diffs_of(s.templates[1]), (std::vector<int>{1, 16}));
  ASSERT_TRUE(s.has_resolutions);
  EXPECT_EQ(s.resolutions[0].width, 320U);
  EXPECT_EQ(s.resolutions[0].height, 180U);
  EXPECT_EQ(s.resolutions[1].width, 65535U);
  EXPECT_EQ(s.resolutions[1].height, 1U);
}

TEST(DependencyDescriptor, TheLargestStructureIsRead) {
  const std::string all(kMaxDecodeTargets, 'S');
  StructureFields structure{
      .decode_targets = kMaxDecodeTargets,
      .templates = std::vector<TemplateFields>(kMaxTemplates, TemplateFields{.indications = all})};
  DependencyDescriptorReader reader;
  const auto d = reader.parse(dependency_descriptor({.template_id = 63, .structure = &structure}));
  ASSERT_TRUE(d);
  EXPECT_EQ(d->active_decode_targets, ~0U);
  EXPECT_EQ(text_of(d->frame.indications, kMaxDecodeTargets), all);
}

TEST(DependencyDescriptor, TooManyTemplatesOrLayersAreMalformed) {
  DependencyDescriptorReader reader;
  StructureFields many{.templates = std::vector<TemplateFields>(
                           kMaxTemplates + 1, TemplateFields{.indications = "S"})};
  EXPECT_FALSE(reader.parse(dependency_descriptor({.structure = &many})));
  StructureFields tall{.templates = {}};
  for (uint8_t s = 0; s <= kMaxSpatialLayers; ++s) {
    tall.templates.push_back({.spatial_layer = s, .indications = "S"});
  }
  EXPECT_FALSE(reader.parse(dependency_descriptor({.structure = &tall})));
  StructureFields deep{.templates = {}};
  for (uint8_t t = 0; t <= kMaxTemporalLayers; ++t) {
    deep.templates.push_back({.temporal_layer = t, .indications = "S"});
  }
  EXPECT_FALSE(reader.parse(dependency_descriptor({.structure = &deep})));
  EXPECT_EQ(reader.structure(), nullptr);
}

TEST(DependencyDescriptor, StructureOfAStragglerCountsForItselfOnly) {
  const LayeredStream before(1, 3, false);
  const LayeredStream after(2, 1, false);
  DependencyDescriptorReader reader;
  ASSERT_TRUE(
      reader.parse(dependency_descriptor({.frame_number = 500, .structure = &after.structure()})));
  const auto late = reader.parse(dependency_descriptor(
      {.template_id = 2, .frame_number = 490, .structure = &before.structure()}));
  ASSERT_TRUE(late);
  EXPECT_EQ(late->frame.temporal_layer, 1);
  const auto next = reader.parse(dependency_descriptor({.template_id = 6, .frame_number = 501}));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->frame.spatial_layer, 1);
}

TEST(DependencyDescriptor, StructureOfASenderThatStartedOverIsTaken) {
  const LayeredStream first(1, 3, false);
  const LayeredStream second(2, 1, false);
  DependencyDescriptorReader reader;
  ASSERT_TRUE(reader.parse(
      dependency_descriptor({.frame_number = 30000, .structure = &first.structure()})));
  ASSERT_TRUE(
      reader.parse(dependency_descriptor({.frame_number = 0, .structure = &second.structure()})));
  EXPECT_EQ(reader.structure()->spatial_layer_count, 2);
}

TEST(DependencyDescriptor, SwitchingAndUseAreToldByLayer) {
  LayeredStream stream(2, 3, true);
  DependencyDescriptorReader reader;
  const auto key = stream.next_picture(true);
  auto d = reader.parse(stream.descriptor(key[0]));
  ASSERT_TRUE(d);
  EXPECT_EQ(d->switch_temporal_layers, 0b111);
  EXPECT_EQ(d->needed_by_spatial_layers, 0b11);
  const auto delta = stream.next_picture();  // temporal layer 2
  d = reader.parse(stream.descriptor(delta[1]));
  ASSERT_TRUE(d);
  EXPECT_EQ(d->frame.temporal_layer, 2);
  EXPECT_EQ(d->switch_temporal_layers, 0);
  EXPECT_EQ(d->needed_by_spatial_layers, 0b10);
}

}  // namespace
}  // namespace sluice::codecs
