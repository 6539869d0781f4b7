#include "dialects/foundry/announcements.h"

#include <algorithm>

namespace sluice::foundry {
namespace {

/// A camera that is switched on and off for a day does not come near; it bounds what a hostile
/// owner makes every other connection remember.
constexpr size_t kMaxKeptBack = 1024;

}  // namespace

bool Announcements::live() const {
  switch (form_) {
    case Form::kModule:
      return ready_;
    case Form::kOriginal:
      return true;
    case Form::kNone:
      break;
  }
  return silent_;
}

void Announcements::settle(Form form) {
  if (form_ != Form::kNone || form == Form::kNone) {
    return;
  }
  form_ = form;
  const std::vector<ProducerNotice> held = std::exchange(held_, {});
  if (form_ == Form::kModule) {
    // What a silent connection has been told by now, a module could not use: it will be told again
    // when it is ready.
    told_.clear();
    return;
  }
  for (const ProducerNotice& notice : held) {
    announce(notice);
  }
}

void Announcements::on_silence() {
  if (form_ != Form::kNone) {
    return;
  }
  silent_ = true;
  for (const ProducerNotice& notice : std::exchange(held_, {})) {
    announce(notice);
  }
}

void Announcements::can_receive(bool declared, const std::vector<ProducerNotice>& existing) {
  if (form_ == Form::kModule && !declared) {
    return;
  }
  ready_ = true;
  for (const ProducerNotice& notice : existing) {
    announce(notice);
  }
}

void Announcements::produced(const ProducerNotice& notice) {
  if (live()) {
    announce(notice);
  } else if (form_ == Form::kNone) {
    held_.push_back(notice);
  }
}

void Announcements::closed(const std::string& producer_id, const std::string& owner,
                           CloseReason reason) {
  std::erase_if(held_, [&](const ProducerNotice& held) { return held.producer_id == producer_id; });
  // The module takes the owner's audio away with any video that closes, and blanks a video that is
  // already showing. So the end of a replaced one is kept from it until the owner leaves.
  if (reason == CloseReason::kVideoReplaced && form_ == Form::kModule &&
      told_.contains(producer_id)) {
    if (kept_back_.size() == kMaxKeptBack) {
      retract(kept_back_.front().producer_id);
      kept_back_.erase(kept_back_.begin());
    }
    kept_back_.push_back({owner, producer_id});
    return;
  }
  retract(producer_id);
}

void Announcements::owner_left(const std::string& owner) {
  std::erase_if(kept_back_, [&](const KeptBack& kept) {
    if (kept.owner != owner) {
      return false;
    }
    retract(kept.producer_id);
    return true;
  });
}

void Announcements::announce(const ProducerNotice& notice) {
  if (told_.insert(notice.producer_id).second) {
    send_(write_new_producer(form_, notice));
  }
}

void Announcements::retract(const std::string& producer_id) {
  if (told_.erase(producer_id) != 0) {
    send_(write_producer_closed(form_, producer_id));
  }
}

}  // namespace sluice::foundry
