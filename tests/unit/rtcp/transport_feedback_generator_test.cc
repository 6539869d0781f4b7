// The receiving half of transport-cc: what is reported and when.
#include "protocol/rtcp/transport_feedback_generator.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "support.h"

namespace sluice::rtcp {
namespace {

/// Feeds packets in virtual time and keeps each feedback as text, e.g. "1@1000 x2 3@1050".
class TransportFeedbackGeneratorTest : public testing::Test {
 protected:
  void packet(int seq, int64_t at_ms, Ssrc media = Ssrc(5)) {
    advance(at_ms);
    generator_.on_packet(SeqNum(static_cast<uint16_t>(seq)), media, ms(at_ms));
  }

  void advance(int64_t to_ms) {
    while (generator_.next_timeout() && *generator_.next_timeout() <= ms(to_ms)) {
      const Micros now = *generator_.next_timeout();
      generator_.on_timeout(now);
      drain();
    }
  }

  void drain() {
    for (Bytes bytes = generator_.poll(); !bytes.empty(); bytes = generator_.poll()) {
      EXPECT_LE(bytes.size(), kRtcpBudget);
      packets_.emplace_back(bytes.begin(), bytes.end());
      const auto feedback = parse_one<TransportFeedback>(packets_.back());
      ASSERT_TRUE(feedback);
      counts_.push_back(feedback->feedback_count());
      std::string text;
      feedback->for_each([&](const PacketStatus& status) {
        text += text.empty() ? "" : " ";
        text += status.received ? std::to_string(status.seq.value) + '@' +
                                      std::to_string(status.arrival / ms(1))
                                : 'x' + std::to_string(status.seq.value);
      });
      feedbacks_.push_back(text);
    }
  }

  using Texts = std::vector<std::string>;

  TransportFeedbackGenerator generator_{Ssrc(0)};
  std::vector<Buffer> packets_;
  Texts feedbacks_;
  std::vector<uint8_t> counts_;
};

TEST_F(TransportFeedbackGeneratorTest, Bwe03Tc1EveryHundredMilliseconds) {  // BWE-03
  generator_.start(ms(1000));
  packet(1, 1000);
  packet(2, 1050);
  packet(3, 1100);
  packet(4, 1150);
  packet(5, 1200);
  advance(2000);
  EXPECT_EQ(feedbacks_, (Texts{"1@1000 2@1050", "3@1100 4@1150", "5@1200"}));
}

TEST_F(TransportFeedbackGeneratorTest, Bwe03Tc2MissingPacketsAreReported) {  // BWE-03
  generator_.start(ms(1000));
  packet(1, 1000);
  packet(3, 1050);
  packet(5, 1100);
  packet(6, 1150);
  advance(2000);
  EXPECT_EQ(feedbacks_, (Texts{"1@1000 x2 3@1050", "x4 5@1100 6@1150"}));
}

TEST_F(TransportFeedbackGeneratorTest, Bwe03Tc3OnlyTheFirstArrivalCounts) {  // BWE-03
  generator_.start(ms(1000));
  packet(1, 1000);
  packet(1, 1050);
  packet(2, 1100);
  packet(3, 1150);
  packet(3, 1200);
  packet(4, 1250);
  advance(2000);
  EXPECT_EQ(feedbacks_, (Texts{"1@1000", "2@1100 3@1150", "4@1250"}));
}

TEST_F(TransportFeedbackGeneratorTest, Bwe03Tc4LatePacketStartsTheReportOver) {  // BWE-03
  generator_.start(ms(1000));
  packet(1, 1000);
  packet(2, 1050);
  packet(4, 1100);
  packet(5, 1150);
  packet(3, 1200);
  packet(6, 1250);
  advance(2000);
  EXPECT_EQ(feedbacks_,
            (Texts{"1@1000 2@1050", "x3 4@1100 5@1150", "3@1200 4@1100 5@1150 6@1250"}));
}

TEST_F(TransportFeedbackGeneratorTest, NamesTheLastStreamAndCountsFeedbacks) {
  generator_.start(ms(0));
  packet(1, 0, Ssrc(5));
  packet(2, 10, Ssrc(6));
  packet(3, 120, Ssrc(7));
  advance(1000);
  ASSERT_EQ(packets_.size(), 2u);
  EXPECT_EQ(parse_one<TransportFeedback>(packets_[0])->header().media, Ssrc(6));
  EXPECT_EQ(parse_one<TransportFeedback>(packets_[0])->header().sender, Ssrc(0));
  EXPECT_EQ(parse_one<TransportFeedback>(packets_[1])->header().media, Ssrc(7));
  EXPECT_EQ(counts_, (std::vector<uint8_t>{0, 1}));
}

TEST_F(TransportFeedbackGeneratorTest, LossIsThatOfTheLastFeedback) {
  EXPECT_EQ(generator_.last_loss(), 0);
  generator_.start(ms(1000));
  packet(1, 1000);
  packet(4, 1050);
  advance(1100);
  EXPECT_EQ(generator_.last_loss(), 0.5);
  packet(5, 1150);
  advance(1250);
  EXPECT_EQ(generator_.last_loss(), 0);
}

TEST_F(TransportFeedbackGeneratorTest, NothingNewIsNothingSent) {
  generator_.start(ms(0));
  EXPECT_FALSE(generator_.next_timeout());
  packet(1, 0);
  advance(100);
  EXPECT_FALSE(generator_.next_timeout());
  packet(1, 110);
  EXPECT_FALSE(generator_.next_timeout());
  EXPECT_EQ(feedbacks_.size(), 1u);
}

TEST_F(TransportFeedbackGeneratorTest, NothingWhileNotConnected) {
  packet(1, 0);
  EXPECT_FALSE(generator_.next_timeout());
  generator_.start(ms(0));
  packet(2, 10);
  generator_.stop();
  EXPECT_FALSE(generator_.next_timeout());
  generator_.start(ms(20));
  packet(3, 30);
  advance(1000);
  EXPECT_EQ(feedbacks_, (Texts{"3@30"}));
}

TEST_F(TransportFeedbackGeneratorTest, WideSequenceWraps) {
  generator_.start(ms(0));
  packet(65534, 0);
  packet(65535, 10);
  packet(0, 20);
  packet(2, 30);
  packet(3, 110);
  packet(1, 120);
  advance(1000);
  EXPECT_EQ(feedbacks_, (Texts{"65534@0 65535@10 0@20 x1 2@30", "1@120 2@30 3@110"}));
}

TEST_F(TransportFeedbackGeneratorTest, LatePacketBeforeTheFirstIsReported) {
  generator_.start(ms(0));
  packet(0, 0);
  packet(65534, 10);
  advance(1000);
  EXPECT_EQ(feedbacks_, (Texts{"65534@10 x65535 0@0"}));
}

TEST_F(TransportFeedbackGeneratorTest, ReportedArrivalsAreForgottenAfterHalfASecond) {
  generator_.start(ms(0));
  packet(10, 0);
  packet(12, 10);
  packet(13, 400);
  packet(14, 600);
  advance(700);
  feedbacks_.clear();
  packet(11, 710);
  advance(1000);
  // 12 is forgotten; 13 came 310 ms ago.
  EXPECT_EQ(feedbacks_, (Texts{"11@710 x12 13@400 14@600"}));
}

TEST_F(TransportFeedbackGeneratorTest, ThousandPacketsTakeAsManyFeedbacksAsNeeded) {
  generator_.start(ms(0));
  for (int seq = 0; seq < 3000; ++seq) {
    generator_.on_packet(SeqNum(static_cast<uint16_t>(seq)), Ssrc(1), Micros(seq * 30));
  }
  advance(1000);
  ASSERT_EQ(feedbacks_.size(), 3u);
  size_t next = 0;
  for (const Buffer& packet : packets_) {
    parse_compound(packet, [&](const TransportFeedback& feedback) {
      feedback.for_each([&](const PacketStatus& status) {
        EXPECT_TRUE(status.received);
        EXPECT_EQ(status.seq.value, next++);
      });
    });
  }
  EXPECT_EQ(next, 3000u);
  EXPECT_EQ(counts_, (std::vector<uint8_t>{0, 1, 2}));
}

TEST_F(TransportFeedbackGeneratorTest, Bwe05LongGapAbandonsTheFeedback) {  // BWE-05
  generator_.start(ms(0));
  packet(1, 0);
  packet(9002, 10);
  packet(9003, 20);
  advance(1000);
  EXPECT_EQ(feedbacks_, (Texts{"9002@10 9003@20"}));
  EXPECT_EQ(counts_, (std::vector<uint8_t>{0})) << "an abandoned feedback is not counted";
}

TEST_F(TransportFeedbackGeneratorTest, Bwe06LongDeltaAbandonsTheFeedback) {  // BWE-06
  generator_.start(ms(0));
  generator_.on_packet(SeqNum(1), Ssrc(1), ms(0));
  generator_.on_packet(SeqNum(2), Ssrc(1), ms(8200));
  generator_.on_packet(SeqNum(3), Ssrc(1), ms(8300));
  advance(9000);
  EXPECT_EQ(feedbacks_, (Texts{"2@8200 3@8300"}));
}

TEST_F(TransportFeedbackGeneratorTest, JumpsAcrossTheWholeSequenceAreSurvived) {
  generator_.start(ms(0));
  for (int i = 0; i < 50; ++i) {
    packet(i * 21'000, i * 7);
    packet(i * 21'000 + 1, i * 7 + 1);
  }
  advance(2000);
  EXPECT_FALSE(feedbacks_.empty());
  EXPECT_FALSE(generator_.next_timeout());
}

TEST_F(TransportFeedbackGeneratorTest, RingGrowsWithTheRate) {
  // 10000 packets/s: 5000 within the window, of which a late one brings all again.
  generator_.start(ms(0));
  for (int i = 0; i < 4900; ++i) {
    if (i != 100) {
      advance(i / 10);
      generator_.on_packet(SeqNum(static_cast<uint16_t>(60'000 + i)), Ssrc(1), Micros(i * 100));
    }
  }
  advance(600);
  packets_.clear();
  generator_.on_packet(SeqNum(60'100), Ssrc(1), ms(500));
  advance(700);
  size_t received = 0;
  for (const Buffer& packet : packets_) {
    received += parse_one<TransportFeedback>(packet)->received_count();
  }
  EXPECT_EQ(received, 4800u);
}

TEST_F(TransportFeedbackGeneratorTest, RhythmIsKeptWhileThereIsTraffic) {
  generator_.start(ms(0));
  packet(1, 30);
  EXPECT_EQ(generator_.next_timeout(), ms(100));
  generator_.on_timeout(ms(103));
  drain();
  packet(2, 110);
  EXPECT_EQ(generator_.next_timeout(), ms(200));
}

TEST_F(TransportFeedbackGeneratorTest, AfterSilenceAPacketWaitsOneInterval) {
  generator_.start(ms(0));
  packet(1, 5030);
  EXPECT_EQ(generator_.next_timeout(), ms(5130));
}

TEST_F(TransportFeedbackGeneratorTest, IntervalIsClamped) {
  generator_.set_interval(ms(1));
  EXPECT_EQ(generator_.interval(), ms(50));
  generator_.set_interval(ms(1000));
  EXPECT_EQ(generator_.interval(), ms(250));
}

TEST(FeedbackInterval, TakesFivePercentOfTheRate) {
  EXPECT_EQ(feedback_interval(BitRate(0)), ms(100));
  EXPECT_EQ(feedback_interval(BitRate(10'000)), ms(250));
  EXPECT_EQ(feedback_interval(BitRate(108'800)), ms(100));
  EXPECT_EQ(feedback_interval(BitRate(5'000'000)), ms(50));
}

}  // namespace
}  // namespace sluice::rtcp
