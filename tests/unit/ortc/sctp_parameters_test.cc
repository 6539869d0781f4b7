// SCTP of transports and data channels (ortc-model 3.1 V10, 5.1, 5.3, 5.4, rows of 8.10).
#include "protocol/ortc/sctp_parameters.h"

#include <gmock/gmock.h>

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::ElementsAre;

/// What a data producer shows of its parameters.
std::string produced(std::string_view json) {
  return text_of(must(read<SctpStreamParameters>(json)));
}

// ---- parameters of a data producer

TEST(SctpStream, Ortc115OnlyAStreamId) {  // ORTC-115
  EXPECT_EQ(produced(R"({"streamId": 666})"), R"({"ordered":true,"streamId":666})");
}

TEST(SctpStream, Ortc116ALifetimeMeansUnordered) {  // ORTC-116
  EXPECT_EQ(produced(R"({"streamId": 777, "maxRetransmits": 3})"),
            R"({"maxRetransmits":3,"ordered":false,"streamId":777})");
  EXPECT_EQ(produced(R"({"streamId": 777, "maxPacketLifeTime": 5000})"),
            R"({"maxPacketLifeTime":5000,"ordered":false,"streamId":777})");
}

TEST(SctpStream, Ortc117WrongArguments) {  // ORTC-117
  EXPECT_EQ(reading<SctpStreamParameters>(""), "TypeError");
  EXPECT_EQ(reading<SctpStreamParameters>("{}"), "TypeError");
  EXPECT_EQ(reading<SctpStreamParameters>(R"({"ordered": true})"), "TypeError");
  EXPECT_EQ(reading<SctpStreamParameters>(
                R"({"streamId": 666, "ordered": true, "maxPacketLifeTime": 4000})"),
            "TypeError");
  EXPECT_EQ(
      reading<SctpStreamParameters>(R"({"streamId": 666, "ordered": true, "maxRetransmits": 1})"),
      "TypeError");
}

TEST(SctpStream, A5BothLifetimes) {
  EXPECT_EQ(reading<SctpStreamParameters>(
                R"({"streamId": 1, "maxPacketLifeTime": 1, "maxRetransmits": 1})"),
            "TypeError");
  EXPECT_EQ(reading<SctpStreamParameters>(
                R"({"streamId": 1, "ordered": false, "maxPacketLifeTime": 1,
                    "maxRetransmits": 1})"),
            "TypeError");
}

TEST(SctpStream, A5AZeroLifetimeIsAbsent) {
  EXPECT_EQ(produced(R"({"streamId": 1, "maxRetransmits": 0})"),
            R"({"ordered":true,"streamId":1})");
  EXPECT_EQ(produced(R"({"streamId": 1, "ordered": true, "maxPacketLifeTime": 0})"),
            R"({"ordered":true,"streamId":1})");
}

TEST(SctpStream, A5UnorderedAndReliable) {
  EXPECT_EQ(produced(R"({"streamId": 1, "ordered": false})"), R"({"ordered":false,"streamId":1})");
}

TEST(SctpStream, OrderedThatIsNoBooleanIsNotGiven) {
  EXPECT_EQ(produced(R"({"streamId": 1, "ordered": 0})"), R"({"ordered":true,"streamId":1})");
  EXPECT_EQ(produced(R"({"streamId": 1, "ordered": "true", "maxRetransmits": 2})"),
            R"({"maxRetransmits":2,"ordered":false,"streamId":1})");
}

TEST(SctpStream, FalsyLifetimesAreAbsentAndOthersMustBeNumbers) {
  EXPECT_EQ(produced(R"({"streamId": 1, "maxRetransmits": "", "maxPacketLifeTime": null})"),
            R"({"ordered":true,"streamId":1})");
  EXPECT_EQ(reading<SctpStreamParameters>(R"({"streamId": 1, "maxRetransmits": "3"})"),
            "TypeError");
  EXPECT_EQ(reading<SctpStreamParameters>(R"({"streamId": 1, "maxPacketLifeTime": 65536})"),
            "TypeError");
}

TEST(SctpStream, IdsGoFrom0To65534) {
  EXPECT_EQ(reading<SctpStreamParameters>(R"({"streamId": 0})"), "ok");
  EXPECT_EQ(reading<SctpStreamParameters>(R"({"streamId": 65534})"), "ok");
  EXPECT_EQ(reading<SctpStreamParameters>(R"({"streamId": 65535})"), "TypeError");
  EXPECT_EQ(reading<SctpStreamParameters>(R"({"streamId": 65536})"), "TypeError");
  EXPECT_EQ(reading<SctpStreamParameters>(R"({"streamId": -1})"), "TypeError");
  EXPECT_EQ(reading<SctpStreamParameters>(R"({"streamId": "1"})"), "TypeError");
}

TEST(SctpStream, IsReadAsItWasWritten) {
  const SctpStreamParameters parameters{7, false, {}, 3};
  EXPECT_EQ(must(reread(parameters)), parameters);
  EXPECT_EQ(must(reread(NumSctpStreams{16, 2048})), (NumSctpStreams{16, 2048}));
}

TEST(SctpStream, TheEngineChecksTheSame) {
  const auto check = [](const SctpStreamParameters& parameters) {
    return outcome(check_sctp_stream_parameters(parameters));
  };
  EXPECT_EQ(check({65534, true, {}, {}}), "ok");
  EXPECT_EQ(check({65535, true, {}, {}}), "TypeError");
  EXPECT_EQ(check({1, true, {}, 1}), "TypeError");
  EXPECT_EQ(check({1, true, 1, {}}), "TypeError");
  EXPECT_EQ(check({1, false, 1, 1}), "TypeError");
  EXPECT_EQ(check({1, false, {}, 1}), "ok");
}

// ---- parameters of a data consumer

/// A data consumer on stream 5, of a data producer with those parameters and with those options.
Result<SctpStreamParameters> consumed(std::string_view producer, std::string_view options) {
  const SctpStreamParameters from = must(read<SctpStreamParameters>(producer));
  return derive_data_consumer_stream(&from, must(read<SctpStreamOverrides>(options)), 5);
}

std::string consumed_text(std::string_view producer, std::string_view options) {
  return text_of(must(consumed(producer, options)));
}

constexpr std::string_view kReliable = R"({"streamId": 1})";
constexpr std::string_view kTimed = R"({"streamId": 1, "maxPacketLifeTime": 5000})";
constexpr std::string_view kRetried = R"({"streamId": 1, "maxRetransmits": 3})";

TEST(DataConsumerStream, InheritsFromTheDataProducer) {
  EXPECT_EQ(consumed_text(kReliable, "{}"), R"({"ordered":true,"streamId":5})");
  EXPECT_EQ(consumed_text(kTimed, "{}"),
            R"({"maxPacketLifeTime":5000,"ordered":false,"streamId":5})");
  EXPECT_EQ(consumed_text(kRetried, "{}"), R"({"maxRetransmits":3,"ordered":false,"streamId":5})");
}

TEST(DataConsumerStream, Ortc119ALifetimeOfItsOwn) {  // ORTC-119
  EXPECT_EQ(consumed_text(kReliable, R"({"maxPacketLifeTime": 4000})"),
            R"({"maxPacketLifeTime":4000,"ordered":false,"streamId":5})");
}

TEST(DataConsumerStream, Ortc120OrderedRemovesLifetimes) {  // ORTC-120
  EXPECT_EQ(consumed_text(kTimed, R"({"ordered": true})"), R"({"ordered":true,"streamId":5})");
  EXPECT_EQ(consumed_text(kRetried, R"({"ordered": true})"), R"({"ordered":true,"streamId":5})");
  EXPECT_EQ(consumed_text(kReliable, R"({"ordered": true, "maxRetransmits": 3})"),
            R"({"ordered":true,"streamId":5})");
}

TEST(DataConsumerStream, UnorderedKeepsLifetimes) {
  EXPECT_EQ(consumed_text(kReliable, R"({"ordered": false})"), R"({"ordered":false,"streamId":5})");
  EXPECT_EQ(consumed_text(kTimed, R"({"ordered": false})"),
            R"({"maxPacketLifeTime":5000,"ordered":false,"streamId":5})");
}

TEST(DataConsumerStream, OneLifetimeReplacesTheOther) {
  EXPECT_EQ(consumed_text(kTimed, R"({"maxRetransmits": 2})"),
            R"({"maxRetransmits":2,"ordered":false,"streamId":5})");
  EXPECT_EQ(consumed_text(kRetried, R"({"maxPacketLifeTime": 2})"),
            R"({"maxPacketLifeTime":2,"ordered":false,"streamId":5})");
}

TEST(DataConsumerStream, BothLifetimesAtOnceAreATypeError) {
  EXPECT_EQ(outcome(consumed(kReliable, R"({"maxRetransmits": 2, "maxPacketLifeTime": 2})")),
            "TypeError");
}

TEST(DataConsumerStream, Ortc122OfADirectDataProducer) {  // ORTC-122
  EXPECT_EQ(text_of(must(derive_data_consumer_stream(nullptr, {}, 0))),
            R"({"ordered":true,"streamId":0})");
  EXPECT_EQ(text_of(must(derive_data_consumer_stream(
                nullptr,
                must(read<SctpStreamOverrides>(R"({"ordered": false, "maxRetransmits": 2})")), 0))),
            R"({"maxRetransmits":2,"ordered":false,"streamId":0})");
}

TEST(DataConsumerStream, OverridesMayBeAbsent) {
  EXPECT_EQ(outcome(read<SctpStreamOverrides>("")), "ok");
  EXPECT_EQ(must(read<SctpStreamOverrides>("{}")).ordered, std::nullopt);
  EXPECT_EQ(reading<SctpStreamOverrides>("1"), "TypeError");
  EXPECT_EQ(reading<SctpStreamOverrides>(R"({"maxRetransmits": "x"})"), "TypeError");
}

// ---- subchannels

TEST(Subchannels, Ortc119AreASetModulo65536) {  // ORTC-119
  EXPECT_THAT(must(read<std::vector<uint16_t>>("[0, 1, 1, 1, 2, 65535, 65536, 65537, 100]")),
              ElementsAre(0, 1, 2, 100, 65535));
}

TEST(Subchannels, Ortc121ReplaceTheSet) {  // ORTC-121
  EXPECT_THAT(must(read<std::vector<uint16_t>>("[999, 999, 998, 65536]")),
              ElementsAre(0, 998, 999));
}

TEST(Subchannels, MayBeAbsentButMustBeAListOfNumbers) {
  EXPECT_THAT(must(read<std::vector<uint16_t>>("")), ElementsAre());
  EXPECT_EQ(reading<std::vector<uint16_t>>("{}"), "TypeError");
  EXPECT_EQ(reading<std::vector<uint16_t>>("null"), "TypeError");
  EXPECT_EQ(reading<std::vector<uint16_t>>(R"(["1"])"), "TypeError");
  EXPECT_EQ(reading<std::vector<uint16_t>>("[1.5]"), "TypeError");
}

// ---- stream ids

TEST(SctpStreamIds, GoRoundInARing) {
  SctpStreamIdAllocator ids(3);
  EXPECT_EQ(must(ids.allocate()), 0);
  EXPECT_EQ(must(ids.allocate()), 1);
  ids.release(0);
  EXPECT_EQ(must(ids.allocate()), 2);
  EXPECT_EQ(must(ids.allocate()), 0);
  ids.release(1);
  EXPECT_EQ(must(ids.allocate()), 1);
}

TEST(SctpStreamIds, RunOut) {
  SctpStreamIdAllocator ids(2);
  ASSERT_TRUE(ids.allocate());
  ASSERT_TRUE(ids.allocate());
  EXPECT_EQ(outcome(ids.allocate()), "Error");
  ids.release(1);
  EXPECT_EQ(must(ids.allocate()), 1);
  SctpStreamIdAllocator none(0);
  EXPECT_EQ(outcome(none.allocate()), "Error");
}

TEST(SctpStreamIds, NeverReach65535) {
  SctpStreamIdAllocator ids(65535);
  for (int i = 0; i < 65535; ++i) {
    ASSERT_EQ(must(ids.allocate()), i);
  }
  EXPECT_EQ(outcome(ids.allocate()), "Error");
}

TEST(SctpStreamIds, ReleasingWhatIsNotTakenIsHarmless) {
  SctpStreamIdAllocator ids(2);
  ids.release(1);
  ids.release(7);
  EXPECT_EQ(must(ids.allocate()), 0);
}

// ---- transports

TEST(SctpTransport, AnnouncesTheUnionOfWhatClientsRead) {
  EXPECT_EQ(text_of(make_sctp_parameters({2048, 2048}, 1000000)), normal(R"({
      "port": 5000, "OS": 2048, "MIS": 2048, "maxMessageSize": 1000000,
      "maxSendMessageSize": 1000000, "maxReceiveMessageSize": 1000000})"));
}

TEST(SctpTransport, ShowsWhatTheBaselineAdds) {
  SctpParameters parameters = make_sctp_parameters({}, 262144);
  parameters.send_buffer_size = 262144;
  parameters.buffered_amount = 0;
  parameters.is_data_channel = true;
  EXPECT_EQ(text_of(parameters), normal(R"({
      "port": 5000, "OS": 1024, "MIS": 1024, "maxMessageSize": 262144,
      "maxSendMessageSize": 262144, "maxReceiveMessageSize": 262144, "sendBufferSize": 262144,
      "sctpBufferedAmount": 0, "isDataChannel": true})"));
}

TEST(SctpTransport, NumberOfStreams) {
  EXPECT_EQ(must(read<NumSctpStreams>("")), (NumSctpStreams{1024, 1024}));
  EXPECT_EQ(must(read<NumSctpStreams>(R"({"OS": 16, "MIS": 2048})")), (NumSctpStreams{16, 2048}));
  EXPECT_EQ(text_of(NumSctpStreams{16, 2048}), R"({"MIS":2048,"OS":16})");
  for (const std::string_view json :
       {R"("foo")", R"({"OS": 1})", R"({"MIS": 1})", R"({"OS": "1", "MIS": 1})", "{}",
        R"({"OS": 65536, "MIS": 1})"}) {
    EXPECT_EQ(reading<NumSctpStreams>(json), "TypeError") << json;
  }
}

}  // namespace
}  // namespace sluice::ortc
