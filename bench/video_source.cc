#include "video_source.h"

namespace sluice::bench {
namespace {

// VP8 payload descriptor with a picture id of 15 bits, TL0PICIDX and temporal layer 0 (RFC 7741).
constexpr uint8_t kStartOfFrame = 0x10;
constexpr uint8_t kExtended = 0x80;
constexpr uint8_t kHasIds = 0xe0;
constexpr uint8_t kLongPictureId = 0x80;
constexpr size_t kDescriptorSize = 6;

}  // namespace

const std::vector<test::Buffer>& VideoSource::next_frame() {
  packets_.clear();
  for (unsigned i = 0; i < shape_.burst; ++i) {
    test::RtpFields fields;
    fields.ssrc = kVideoSsrc;
    fields.sequence_number = sequence_++;
    fields.timestamp = timestamp_;
    fields.payload_type = kVideoPayloadType;
    fields.marker = i + 1 == shape_.burst;
    fields.extensions = {{kTransportCcId,
                          {static_cast<uint8_t>(fields.sequence_number >> 8),
                           static_cast<uint8_t>(fields.sequence_number)}}};
    fields.payload.assign(shape_.packet_size - kHeaderSize, 0x5a);
    fields.payload[0] = kExtended | (i == 0 ? kStartOfFrame : 0);
    fields.payload[1] = kHasIds;
    fields.payload[2] = static_cast<uint8_t>(kLongPictureId | picture_id_ >> 8);
    fields.payload[3] = static_cast<uint8_t>(picture_id_);
    fields.payload[4] = tl0_;
    fields.payload[5] = 0;
    fields.payload[kDescriptorSize] = started_ ? 1 : 0;  // P of the frame header: no key frame
    packets_.push_back(test::make_rtp(fields));
  }
  started_ = true;
  timestamp_ += kVideoClockRate / shape_.frames_per_second;
  picture_id_ = (picture_id_ + 1) & 0x7fff;
  ++tl0_;
  return packets_;
}

}  // namespace sluice::bench
