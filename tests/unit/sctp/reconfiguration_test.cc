// Requests of the peer about streams, and its answers to ours, parameter by parameter (RFC 6525).
#include "protocol/sctp/reconfiguration.h"

#include "protocol/sctp/error_cause.h"
#include "unit/sctp/raw_peer.h"

namespace sluice::sctp {
namespace {

std::vector<uint8_t> chunk_of(const std::vector<std::vector<uint8_t>>& parameters) {
  std::vector<uint8_t> value;
  for (const auto& parameter : parameters) {
    value.resize(padded(value.size()));
    value.insert(value.end(), parameter.begin(), parameter.end());
  }
  return value;
}

std::vector<uint8_t> add_parameter(uint16_t type, uint32_t sequence, uint16_t count) {
  std::vector<uint8_t> parameter(12);
  ByteWriter out(parameter);
  out.u16(type);
  out.u16(12);
  out.u32(sequence);
  out.u16(count);
  return parameter;
}

class PeerRequests : public testing::Test {
 protected:
  void SetUp() override {
    peer_.connect();
    sequence_ = peer_.tsn;  // requests begin with the number of the first TSN
  }

  void send(const std::vector<uint8_t>& value) { peer_.send({{chunk::kReconfig, 0, value}}); }

  /// All parameters that the association sends now.
  std::vector<ReconfigParameter> take() {
    kept_ = peer_.take_chunks();
    std::vector<ReconfigParameter> parameters;
    for (const RawPeer::Chunk& chunk : kept_) {
      if (chunk.type == chunk::kReconfig) {
        ReconfigReader reader(chunk.value);
        while (const auto parameter = reader.next()) {
          parameters.push_back(*parameter);
        }
      }
    }
    return parameters;
  }
  /// The result of the response to the request of this number, among what take() returned.
  static std::optional<ReconfigResult> result(const std::vector<ReconfigParameter>& parameters,
                                              uint32_t sequence) {
    for (const ReconfigParameter& parameter : parameters) {
      const auto* response = std::get_if<ReconfigResponse>(&parameter);
      if (response != nullptr && response->sequence == sequence) {
        return response->result;
      }
    }
    return std::nullopt;
  }
  std::optional<ReconfigResult> send_and_get(const std::vector<uint8_t>& value, uint32_t sequence) {
    send(value);
    return result(take(), sequence);
  }
  std::vector<std::vector<uint16_t>> peer_resets() {
    std::vector<std::vector<uint16_t>> resets;
    for (const Event& event : peer_.events()) {
      if (const auto* reset = std::get_if<PeerStreamsReset>(&event)) {
        resets.push_back(reset->streams);
      }
    }
    return resets;
  }

  RawPeer peer_;
  uint32_t sequence_ = 0;
  std::vector<RawPeer::Chunk> kept_;
};

TEST_F(PeerRequests, OutgoingResetIsPerformedOnce) {
  const auto request = outgoing_reset_parameter(sequence_, 0, peer_.tsn - 1, {4, 2, 4});
  EXPECT_EQ(send_and_get(request, sequence_), ReconfigResult::kPerformed);
  EXPECT_EQ(peer_resets(), (std::vector<std::vector<uint16_t>>{{2, 4}}));
  // The answer was lost.
  EXPECT_EQ(send_and_get(request, sequence_), ReconfigResult::kPerformed);
  EXPECT_TRUE(peer_resets().empty());
}

TEST_F(PeerRequests, ResetOfAllStreams) {
  peer_.send_data(whole(3, 0, as_bytes("a")));
  peer_.send_data(whole(9, 0, as_bytes("b")));
  peer_.events();
  EXPECT_EQ(send_and_get(outgoing_reset_parameter(sequence_, 0, peer_.tsn - 1, {}), sequence_),
            ReconfigResult::kPerformed);
  EXPECT_EQ(peer_resets(), (std::vector<std::vector<uint16_t>>{{}}));
  peer_.send_data(whole(3, 0, as_bytes("c")));
  peer_.send_data(whole(9, 0, as_bytes("d")));
  EXPECT_EQ(peer_.messages().size(), 2u);
}

TEST_F(PeerRequests, WrongSequenceNumbers) {
  const auto request = [&](uint32_t sequence) {
    return outgoing_reset_parameter(sequence, 0, peer_.tsn - 1, {1});
  };
  for (const uint32_t wrong : {sequence_ + 1, sequence_ - 1, sequence_ + 0x80000000}) {
    EXPECT_EQ(send_and_get(request(wrong), wrong), ReconfigResult::kBadSequence);
  }
  EXPECT_TRUE(peer_resets().empty());
  EXPECT_EQ(send_and_get(request(sequence_), sequence_), ReconfigResult::kPerformed);
}

TEST_F(PeerRequests, StreamsThatDoNotExist) {
  EXPECT_EQ(
      send_and_get(outgoing_reset_parameter(sequence_, 0, peer_.tsn - 1, {1, 1024}), sequence_),
      ReconfigResult::kWrongSsn);
  EXPECT_EQ(send_and_get(incoming_reset_parameter(sequence_ + 1, {1024}), sequence_ + 1),
            ReconfigResult::kWrongSsn);
  EXPECT_TRUE(peer_resets().empty());
}

TEST_F(PeerRequests, ResetThatWaitsForData) {
  const uint32_t missing = peer_.tsn++;
  const auto request = outgoing_reset_parameter(sequence_, 0, missing, {1});
  EXPECT_EQ(send_and_get(request, sequence_), ReconfigResult::kInProgress);
  EXPECT_EQ(send_and_get(request, sequence_), ReconfigResult::kInProgress);
  // A second one cannot wait too.
  EXPECT_EQ(send_and_get(outgoing_reset_parameter(sequence_ + 1, 0, missing, {2}), sequence_ + 1),
            ReconfigResult::kAlreadyInProgress);
  // Data of after the reset comes too early on stream 1, and is welcome on others.
  peer_.send_data(whole(1, 0, as_bytes("new")));
  peer_.send_data(whole(5, 0, as_bytes("other")));
  auto messages = peer_.messages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].stream, 5);
  EXPECT_EQ(SackChunk::parse(peer_.take_chunk(chunk::kSack)->value)->gap(0), (GapBlock{3, 3}));
  // What was missing arrives: the reset is done, and said without being asked again.
  DataChunk late = whole(1, 0, as_bytes("old"));
  late.tsn = missing;
  peer_.send_data(late);
  EXPECT_EQ(result(take(), sequence_), ReconfigResult::kPerformed);
  const auto events = peer_.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<Message>(events[0]));
  EXPECT_TRUE(std::holds_alternative<PeerStreamsReset>(events[1]));
  DataChunk again = whole(1, 0, as_bytes("new"));
  again.tsn = missing + 1;
  peer_.send_data(again);
  EXPECT_EQ(peer_.messages().size(), 1u);
}

TEST_F(PeerRequests, IncomingResetIsAnsweredByOurOutgoingOne) {
  const auto parameters = [&] {
    send(incoming_reset_parameter(sequence_, {6}));
    return take();
  }();
  EXPECT_EQ(result(parameters, sequence_), ReconfigResult::kPerformed);
  ASSERT_EQ(parameters.size(), 2u);
  const auto& reset = std::get<OutgoingResetRequest>(parameters[1]);
  EXPECT_EQ(reset.sequence, peer_.remote().initial_tsn);
  EXPECT_EQ(reset.response_sequence, sequence_);
  EXPECT_EQ(reset.last_tsn, peer_.remote().initial_tsn - 1);
  ASSERT_EQ(reset.streams.size(), 1u);
  EXPECT_EQ(reset.streams[0], 6);
}

TEST_F(PeerRequests, AddStreams) {
  EXPECT_EQ(send_and_get(add_outgoing_parameter(sequence_, 100), sequence_),
            ReconfigResult::kPerformed);
  peer_.send_data(whole(1123, 0, as_bytes("new")));
  EXPECT_EQ(peer_.messages().size(), 1u);
  peer_.send_data(whole(1124, 0, as_bytes("none")));
  EXPECT_EQ(peer_.messages().size(), 0u);
  // More than there can be, none at all, and streams from us.
  EXPECT_EQ(send_and_get(add_outgoing_parameter(sequence_ + 1, 65000), sequence_ + 1),
            ReconfigResult::kDenied);
  EXPECT_EQ(send_and_get(add_outgoing_parameter(sequence_ + 2, 0), sequence_ + 2),
            ReconfigResult::kDenied);
  EXPECT_EQ(send_and_get(add_parameter(parameter::kAddIncoming, sequence_ + 3, 5), sequence_ + 3),
            ReconfigResult::kDenied);
}

TEST_F(PeerRequests, ResetOfAllNumbersIsDenied) {
  std::vector<uint8_t> parameter = {0, 15, 0, 8, 0, 0, 0, 0};
  store_be32(&parameter[4], sequence_);
  EXPECT_EQ(send_and_get(parameter, sequence_), ReconfigResult::kDenied);
}

TEST_F(PeerRequests, SCT_13_UnknownAndBrokenParameters) {
  const auto good = add_outgoing_parameter(sequence_, 1);
  // Stops what follows.
  EXPECT_FALSE(send_and_get(chunk_of({{0, 99, 0, 4}, good}), sequence_));
  EXPECT_FALSE(
      send_and_get(chunk_of({{0, 13, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, good}), sequence_));
  // Reported; what follows is skipped or not by the highest bit.
  send(chunk_of({{0x40, 99, 0, 4}, good}));
  const auto error = peer_.take_chunk(chunk::kError);
  ASSERT_TRUE(error);
  EXPECT_EQ(first_cause(error->value), cause::kUnrecognizedParameters);
  EXPECT_EQ(send_and_get(chunk_of({{0x80, 99, 0, 5, 1}, good}), sequence_),
            ReconfigResult::kPerformed);
  send({});
  send({0, 13});
  EXPECT_EQ(peer_.association.state(), State::kConnected);
}

// A chunk full of requests gets a bounded number of answers.
TEST_F(PeerRequests, Flood) {
  std::vector<uint8_t> value;
  for (uint32_t i = 0; i < 4000; ++i) {
    const auto request = outgoing_reset_parameter(sequence_ + i, 0, peer_.tsn - 1, {});
    value.insert(value.end(), request.begin(), request.end());
  }
  value.resize(60000);
  send(value);
  EXPECT_LE(take().size(), 8u);
  EXPECT_EQ(peer_.association.state(), State::kConnected);
}

TEST_F(PeerRequests, ARequestAtATime) {
  peer_.association.reset_streams(std::vector<uint16_t>{1}, peer_.now);
  peer_.association.ask_reset(std::vector<uint16_t>{2});
  ASSERT_EQ(peer_.association.send(1030, ppid::kBinary, as_bytes("x"), {}, peer_.now),
            SendResult::kAccepted);
  const uint32_t first = peer_.remote().initial_tsn;
  const auto one = take();
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(std::get<OutgoingResetRequest>(one[0]).sequence, first);
  send(response_parameter({first, ReconfigResult::kPerformed}));
  const auto two = take();
  ASSERT_EQ(two.size(), 1u);
  EXPECT_EQ(std::get<IncomingResetRequest>(two[0]).sequence, first + 1);
  // Answered by the reset that it asked for.
  send(outgoing_reset_parameter(sequence_, first + 1, peer_.tsn - 1, {2}));
  const auto three = take();
  ASSERT_EQ(three.size(), 2u);
  EXPECT_EQ(result(three, sequence_), ReconfigResult::kPerformed);
  // Our half of that channel comes before more streams.
  EXPECT_EQ(std::get<OutgoingResetRequest>(three[1]).sequence, first + 2);
  send(response_parameter({first + 2, ReconfigResult::kPerformed}));
  const auto four = take();
  ASSERT_EQ(four.size(), 1u);
  EXPECT_EQ(std::get<AddStreamsRequest>(four[0]).sequence, first + 3);
  EXPECT_EQ(std::get<AddStreamsRequest>(four[0]).count, 32);
}

TEST_F(PeerRequests, RefusedStreams) {
  ASSERT_EQ(peer_.association.send(1030, ppid::kBinary, as_bytes("lost"), {}, peer_.now),
            SendResult::kAccepted);
  take();
  send(response_parameter({peer_.remote().initial_tsn, ReconfigResult::kDenied}));
  bool refused = false;
  for (const Event& event : peer_.events()) {
    refused |= std::holds_alternative<StreamsRefused>(event);
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(peer_.association.buffered_amount(), 0u);
  EXPECT_EQ(peer_.association.send(1030, ppid::kBinary, as_bytes("x"), {}, peer_.now),
            SendResult::kInvalidStream);
  EXPECT_EQ(peer_.association.send(1023, ppid::kBinary, as_bytes("x"), {}, peer_.now),
            SendResult::kAccepted);
}

TEST_F(PeerRequests, InProgressIsAskedAgainWithoutCountingAgainstThePeer) {
  peer_.association.reset_streams(std::vector<uint16_t>{1}, peer_.now);
  const uint32_t first = peer_.remote().initial_tsn;
  ASSERT_EQ(take().size(), 1u);
  for (int i = 0; i < 100; ++i) {
    send(response_parameter({first, ReconfigResult::kInProgress}));
    peer_.now = peer_.association.next_timeout().value();
    peer_.association.on_timeout(peer_.now);
    const auto again = take();
    if (again.empty()) {
      continue;  // another timer
    }
    EXPECT_EQ(std::get<OutgoingResetRequest>(again[0]).sequence, first);
  }
  EXPECT_EQ(peer_.association.state(), State::kConnected);
  send(response_parameter({first, ReconfigResult::kPerformed}));
  const auto events = peer_.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_TRUE(std::get<StreamsReset>(events[0]).performed);
}

TEST_F(PeerRequests, BusyPeerIsAskedAnew) {
  peer_.association.reset_streams(std::vector<uint16_t>{1}, peer_.now);
  const uint32_t first = peer_.remote().initial_tsn;
  ASSERT_EQ(take().size(), 1u);
  send(response_parameter({first, ReconfigResult::kAlreadyInProgress}));
  EXPECT_TRUE(take().empty());
  peer_.now += 2s;
  peer_.association.on_timeout(peer_.now);
  const auto again = take();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(std::get<OutgoingResetRequest>(again[0]).sequence, first + 1);
}

// What the peer refuses ends as not performed, and the stream goes on with its numbers.
TEST_F(PeerRequests, RefusedReset) {
  ASSERT_EQ(peer_.association.send(1, ppid::kBinary, as_bytes("a"), {}, peer_.now),
            SendResult::kAccepted);
  take();
  peer_.send_sack(peer_.remote().initial_tsn, peer_.window);
  peer_.events();
  peer_.association.reset_streams(std::vector<uint16_t>{1}, peer_.now);
  ASSERT_EQ(take().size(), 1u);
  send(response_parameter({peer_.remote().initial_tsn, ReconfigResult::kDenied}));
  const auto events = peer_.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_FALSE(std::get<StreamsReset>(events[0]).performed);
  ASSERT_EQ(peer_.association.send(1, ppid::kBinary, as_bytes("b"), {}, peer_.now),
            SendResult::kAccepted);
  take();
  const auto data = std::ranges::find(kept_, chunk::kData, &RawPeer::Chunk::type);
  ASSERT_NE(data, kept_.end());
  EXPECT_EQ(load_be16(&data->value[6]), 1);  // the stream sequence number
}

TEST(Reconfiguration, PeerWithoutIt) {
  RawPeer peer;
  peer.extensions.reconfig = false;
  peer.connect();
  peer.association.reset_streams(std::vector<uint16_t>{1}, peer.now);
  const auto events = peer.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_FALSE(std::get<StreamsReset>(events[0]).performed);
  EXPECT_EQ(peer.association.send(1030, ppid::kBinary, as_bytes("x"), {}, peer.now),
            SendResult::kInvalidStream);
  peer.send({{chunk::kReconfig, 0, outgoing_reset_parameter(peer.tsn, 0, 0, {})}});
  EXPECT_TRUE(peer.take().empty());
}

}  // namespace
}  // namespace sluice::sctp
