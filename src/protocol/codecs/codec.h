// The codecs whose payload the engine understands, and what it reads from one packet of any codec.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::codecs {

/// `kOther` is forwarded without looking inside.
enum class Codec : uint8_t { kOther, kOpus, kVp8, kVp9, kH264, kH265, kAv1 };

/// From "video/VP8" and the like, in any case; kOther for codecs that are opaque here.
Codec codec_of(std::string_view mime_type);

/// True when a receiver of this codec can only start at a key frame that we can recognise
/// (media-plane 5.17).
bool needs_key_frame(Codec codec);

}  // namespace sluice::codecs
