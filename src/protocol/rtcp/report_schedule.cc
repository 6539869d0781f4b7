#include "protocol/rtcp/report_schedule.h"

namespace sluice::rtcp {
namespace {

/// `random` / 2^32 of `spread`.
Micros part_of(Micros spread, uint32_t random) {
  return Micros(static_cast<int64_t>(static_cast<uint64_t>(spread.count()) * random >> 32));
}

}  // namespace

void ReportSchedule::start(Micros now, uint32_t random) {
  next_ = now + kFirst + part_of(kFirstSpread, random);
}

bool ReportSchedule::on_timeout(Micros now, uint32_t random) {
  if (!next_ || now < *next_) {
    return false;
  }
  next_ = now + kInterval + part_of(kIntervalSpread, random);
  return true;
}

}  // namespace sluice::rtcp
