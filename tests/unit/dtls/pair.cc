#include "unit/dtls/pair.h"

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

namespace sluice::dtls {

std::shared_ptr<const Context> make_context(ContextOptions options) {
  Result<Certificate> certificate = Certificate::generate(std::chrono::system_clock::now());
  return Context::create(std::move(certificate).value(), std::move(options)).value();
}

Fingerprint fingerprint_of(const Context& context, HashAlgorithm algorithm) {
  return *std::ranges::find(context.certificate().fingerprints(), algorithm,
                            &Fingerprint::algorithm);
}

Pair::Pair(std::shared_ptr<const Context> first, std::shared_ptr<const Context> second,
           uint32_t seed)
    : ends_{End(std::move(first)), End(std::move(second))}, random_(seed) {}

Result<Role> Pair::connect(size_t i, Role remote_role) {
  const std::vector<Fingerprint> fingerprints = {fingerprint_of(*ends_[1 - i].context)};
  Result<Role> role = ends_[i].session->connect(remote_role, fingerprints, now_);
  drain(i);
  return role;
}

void Pair::ice_ready(size_t i) {
  ends_[i].session->on_ice_ready(now_);
  drain(i);
}

void Pair::start() {
  connect(0, Role::kServer);
  connect(1, Role::kClient);
  ice_ready(1);
  ice_ready(0);
}

void Pair::inject(size_t to, Bytes datagram) {
  ends_[to].session->on_datagram(datagram, now_);
  drain(to);
}

void Pair::send(size_t from, std::string_view text) {
  (void)ends_[from].session->send_application_data(as_bytes(text));
  drain(from);
}

void Pair::close(size_t i) {
  ends_[i].session->close();
  drain(i);
}

void Pair::run_for(Micros duration) {
  const Micros end = now_ + duration;
  for (std::optional<Micros> at = next_event(); at && *at <= end; at = next_event()) {
    step(*at);
  }
  now_ = end;
}

bool Pair::run_until_connected(Micros limit) {
  const Micros end = now_ + limit;
  for (;;) {
    if (ends_[0].connected && ends_[1].connected) {
      return true;
    }
    const std::optional<Micros> at = next_event();
    if (!at || *at > end) {
      return false;
    }
    step(*at);
  }
}

std::optional<Micros> Pair::next_event() const {
  std::optional<Micros> at;
  const auto consider = [&at](Micros candidate) { at = at ? std::min(*at, candidate) : candidate; };
  if (!wire_.empty()) {
    consider(wire_.begin()->first);
  }
  for (const End& end : ends_) {
    if (const std::optional<Micros> timeout = end.session->next_timeout()) {
      consider(*timeout);
    }
  }
  return at;
}

void Pair::step(Micros to) {
  now_ = std::max(now_, to);
  if (!wire_.empty() && wire_.begin()->first <= now_) {
    const Parcel parcel = std::move(wire_.extract(wire_.begin()).mapped());
    inject(parcel.to, parcel.bytes);
    return;
  }
  for (size_t i = 0; i < 2; ++i) {
    const std::optional<Micros> timeout = ends_[i].session->next_timeout();
    if (timeout && *timeout <= now_) {
      ends_[i].session->on_timeout(now_);
      drain(i);
    }
  }
}

void Pair::drain(size_t i) {
  End& end = ends_[i];
  while (const std::optional<Bytes> datagram = end.session->poll_transmit()) {
    end.sent_at.push_back(now_);
    end.sent.emplace_back(datagram->begin(), datagram->end());
    transmit(i, *datagram);
  }
  while (const std::optional<Event> event = end.session->poll_event()) {
    std::visit(
        [&end](const auto& e) {
          using Kind = std::decay_t<decltype(e)>;
          if constexpr (std::is_same_v<Kind, Connecting>) {
            end.states.push_back("connecting");
          } else if constexpr (std::is_same_v<Kind, Connected>) {
            end.states.push_back("connected");
            end.connected = e;
          } else if constexpr (std::is_same_v<Kind, Failed>) {
            end.states.push_back("failed");
            end.failure = e.reason;
          } else if constexpr (std::is_same_v<Kind, Closed>) {
            end.states.push_back("closed");
          } else {
            end.received.emplace_back(as_text(e.bytes));
          }
        },
        *event);
  }
}

void Pair::transmit(size_t from, Bytes datagram) {
  std::uniform_real_distribution<double> chance(0, 1);
  std::uniform_int_distribution<int64_t> delay(rules.min_delay.count(), rules.max_delay.count());
  const bool passes = rules.admit ? rules.admit(from, datagram) : chance(random_) >= rules.loss;
  const int copies = (passes ? 1 : 0) + (passes && chance(random_) < rules.duplication ? 1 : 0);
  for (int i = 0; i < copies; ++i) {
    wire_.emplace(now_ + Micros(delay(random_)),
                  Parcel{1 - from, std::vector<uint8_t>(datagram.begin(), datagram.end())});
  }
}

}  // namespace sluice::dtls
