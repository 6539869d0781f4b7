// links: sluice_rtcp
// Whole compounds and every type in them; what can be written is written back and read again.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocol/rtcp/compound_parser.h"
#include "protocol/rtcp/transport_feedback_builder.h"
#include "protocol/rtcp/transport_feedback_generator.h"

namespace {

using namespace sluice;
using namespace sluice::rtcp;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

uint64_t sum = 0;

void read(const WireArray<ReportBlock>& blocks) {
  for (const ReportBlock block : blocks) {
    std::vector<uint8_t> bytes(ReportBlock::kWireSize);
    ByteWriter writer(bytes);
    block.write(writer);
    require(writer.ok() && ReportBlock::read(bytes.data()) == block);
  }
}

void read(const Nack& nack) {
  std::vector<SeqNum> lost;
  nack.for_each([&](SeqNum seq) { lost.push_back(seq); });
  std::vector<uint8_t> bytes(12 + 4 * lost.size());
  ByteWriter writer(bytes);
  require(write_nack(writer, nack.header, lost) == lost.size());
}

void read(const TransportFeedback& feedback) {
  size_t statuses = 0;
  size_t received = 0;
  feedback.for_each([&](const PacketStatus& status) {
    ++statuses;
    received += status.received ? 1 : 0;
  });
  require(statuses == feedback.status_count() && received == feedback.received_count());

  TransportFeedbackBuilder builder;
  builder.start(feedback.base(), feedback.reference_time() * kReferenceTimeUnit);
  bool complete = true;
  feedback.for_each_received([&](const PacketStatus& status) {
    complete = complete && builder.add(status.seq, status.arrival) ==
                               TransportFeedbackBuilder::AddResult::kAdded;
  });
  std::vector<uint8_t> bytes(kRtcpBudget);
  ByteWriter writer(bytes);
  require(builder.write(writer, feedback.header(), feedback.feedback_count()));
  CompoundWalker walker(writer.written());
  const auto frame = walker.next();
  require(frame.has_value());
  const auto again = TransportFeedback::parse(*frame);
  require(again && again->received_count() == builder.received_count());
  require(!complete || again->received_count() == feedback.received_count());
}

/// Drives the generator with arrivals taken from the input.
void generate(Bytes data) {
  ByteReader reader(data);
  TransportFeedbackGenerator generator;
  Micros now(0);
  generator.start(now);
  // A few arrivals: each feedback may look at the whole sequence space.
  for (int arrivals = 0; arrivals < 12 && reader.remaining() >= 4; ++arrivals) {
    const uint16_t seq = reader.u16();
    now += Micros(reader.u16() * 4);
    generator.on_packet(SeqNum(seq), Ssrc(1), now);
    generator.on_timeout(now);
    for (Bytes packet = generator.poll(); !packet.empty(); packet = generator.poll()) {
      CompoundWalker walker(packet);
      const auto frame = walker.next();
      require(frame && TransportFeedback::parse(*frame).has_value());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes input(data, size);
  if (size > 0 && data[0] >> 6 != 2) {
    // No RTCP packet can begin like this.
    generate(input);
    return 0;
  }
  parse_compound(
      input, Overloaded{[](const SenderReport& report) { read(report.blocks); },
                        [](const ReceiverReport& report) { read(report.blocks); },
                        [](const SourceDescription& sdes) {
                          sdes.for_each_item([](Ssrc ssrc, uint8_t, Bytes value) {
                            sum += ssrc.value + value.size() + (value.empty() ? 0 : value.back());
                          });
                        },
                        [](const Bye& bye) {
                          for (const SsrcItem item : bye.sources) {
                            sum += item.ssrc.value;
                          }
                          sum += bye.reason.empty() ? 0u : static_cast<uint8_t>(bye.reason.back());
                        },
                        [](const Nack& nack) { read(nack); },
                        [](const TransportFeedback& feedback) { read(feedback); },
                        [](const Rpsi& rpsi) {
                          sum += rpsi.bit_string.empty() ? 0 : rpsi.bit_string.back();
                        },
                        [](const Vbcm& vbcm) {
                          vbcm.for_each([](const VbcmItem& item) {
                            sum += item.octets.empty() ? 0 : item.octets.back();
                          });
                        },
                        [](const ExtendedReport& report) {
                          report.for_each_dlrr([](const DlrrItem& item) { sum += item.last_rr; });
                        },
                        [](const EcnFeedback& ecn) { sum += ecn.lost; },
                        [](const auto& feedback) {
                          sum += feedback.header.media.value;
                          if constexpr (requires { feedback.items; }) {
                            for (const auto item : feedback.items) {
                              sum += sizeof(item);
                            }
                          }
                          if constexpr (requires { feedback.sources; }) {
                            for (const SsrcItem item : feedback.sources) {
                              sum += item.ssrc.value;
                            }
                          }
                        }});
  return 0;
}
