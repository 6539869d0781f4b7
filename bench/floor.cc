#include "floor.h"

#include <cstring>

#include "protocol/srtp/key_derivation.h"
#include "protocol/srtp/packet_layout.h"

namespace sluice::bench {
namespace {

constexpr size_t kTagSize = 16;
constexpr uint8_t kExtensionBit = 0x10;

}  // namespace

Floor::Floor(const Workload& workload, std::span<test::LoopbackSocket> receivers,
             size_t header_size)
    : Subject(workload),
      header_size_(header_size),
      backend_(srtp::make_backend()),
      plain_(net::UdpReceiver::kBatch) {
  const test::Buffer key(16, 1);
  const test::Buffer salt(12, 2);
  const auto keys = srtp::derive_session_keys(srtp::Profile::kAeadAes128Gcm, key, salt).value();
  sender_context_ = std::make_unique<srtp::OutboundContext>(*backend_, keys);
  inbound_ = std::make_unique<srtp::InboundContext>(*backend_, keys);
  for (const test::LoopbackSocket& receiver : receivers) {
    auto entry = std::make_unique<Receiver>();
    entry->context = std::make_unique<srtp::OutboundContext>(*backend_, keys);
    entry->target = workload.target_layers(receivers_.size());
    for (size_t stream = 0; stream < workload.streams(); ++stream) {
      // Of simulcast it gets one stream.
      const bool wanted =
          workload.kind != Kind::kSimulcast || stream == static_cast<size_t>(entry->target.spatial);
      entry->streams.push_back(wanted ? &entry->context->stream(Ssrc{ssrc_of_stream(stream)})
                                      : nullptr);
    }
    entry->destination = net::Destination(receiver.address(), 0);
    entry->other_end = std::make_unique<srtp::InboundContext>(*backend_, keys);
    receivers_.push_back(std::move(entry));
  }
  loop_->set_handler(*this);
}

test::Buffer Floor::protect(unsigned /*sender*/, const test::Buffer& packet) {
  test::Buffer out = packet;
  out.resize(packet.size() + kTagSize);
  srtp::RtpJob job;
  job.stream = &sender_context_->stream(Ssrc{load_be32(&packet[8])});
  job.packet = out.data();
  job.capacity = static_cast<uint16_t>(out.size());
  job.header_size = static_cast<uint16_t>(srtp::rtp_header_size(packet));
  job.payload = out.data() + job.header_size;
  job.payload_size = static_cast<uint16_t>(packet.size() - job.header_size);
  srtp::protect_batch(*backend_, {&job, 1});
  return out;
}

std::vector<test::Buffer> Floor::unprotect(size_t index, std::span<const test::Buffer> packets) {
  std::vector<test::Buffer> plain;
  for (const test::Buffer& packet : packets) {
    test::Buffer out(packet.size());
    if (const auto size = receivers_[index]->other_end->unprotect_rtp(packet, 0, out)) {
      out.resize(*size);
      plain.push_back(std::move(out));
    }
  }
  return plain;
}

void Floor::expect(std::span<const Train> trains) {
  for (const auto& receiver : receivers_) {
    receiver->plan.clear();
    uint16_t packet = 0;
    for (const Train& train : trains) {
      for (size_t i = 0; i < train.packets.size(); ++i, ++packet) {
        if (gets(workload_, receiver->target, train)) {
          receiver->plan.push_back({packet, static_cast<uint16_t>(train.stream)});
        }
      }
    }
    expected_ = packet;
  }
  received_ = 0;
}

void Floor::on_datagrams(std::span<net::Datagram> datagrams, Micros /*now*/) {
  for (const net::Datagram& datagram : datagrams) {
    open(datagram.data);
  }
  if (received_ == expected_) {
    forward();
  }
}

void Floor::open(Bytes datagram) {
  Plain& plain = plain_[received_];
  const size_t header = srtp::rtp_header_size(datagram);
  // Room in front of the payload for the header that goes out.
  uint8_t* const at = plain.bytes.data() + header_size_;
  const auto size =
      inbound_->unprotect_rtp(datagram, header, {at, plain.bytes.size() - header_size_});
  if (!size) {
    return;
  }
  plain.payload_at = header_size_ + header;
  plain.payload_size = *size - header;
  std::memcpy(plain.bytes.data(), datagram.data(), srtp::kRtpFixedHeaderSize);
  std::memset(plain.bytes.data() + srtp::kRtpFixedHeaderSize, 0,
              header_size_ - srtp::kRtpFixedHeaderSize);
  plain.bytes[0] |= kExtensionBit;
  plain.bytes[15] = static_cast<uint8_t>((header_size_ - srtp::kRtpFixedHeaderSize - 4) / 4);
  ++received_;
}

void Floor::forward() {
  net::SendQueue& queue = loop_->send_queue();
  const auto priority = workload_.video() ? net::Priority::kLow : net::Priority::kHigh;
  for (const auto& receiver : receivers_) {
    for (const Planned& planned : receiver->plan) {
      const Plain& plain = plain_[planned.packet];
      const size_t size = header_size_ + plain.payload_size + kTagSize;
      uint8_t* const out = queue.reserve(size);
      std::memcpy(out, plain.bytes.data(), header_size_);
      srtp::RtpJob& job = jobs_[job_count_++];
      job = {};
      job.stream = receiver->streams[planned.stream];
      job.packet = out;
      job.capacity = static_cast<uint16_t>(size);
      job.header_size = static_cast<uint16_t>(header_size_);
      job.payload = plain.bytes.data() + plain.payload_at;
      job.payload_size = static_cast<uint16_t>(plain.payload_size);
      queue.commit(size, receiver->destination, priority);
      if (job_count_ == jobs_.size()) {
        encrypt();
      }
    }
  }
  encrypt();
}

void Floor::encrypt() {
  srtp::protect_batch(*backend_, std::span(jobs_).first(job_count_));
  job_count_ = 0;
}

}  // namespace sluice::bench
