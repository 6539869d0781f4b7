#include "net/port_table.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cerrno>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "base/random.h"

namespace sluice::net {

struct PortLease::Book {
  std::shared_ptr<std::mutex> mutex;
  std::bitset<65536> taken;
};

struct PortTable::Shared {
  std::shared_ptr<std::mutex> mutex = std::make_shared<std::mutex>();
  std::map<std::pair<PortProtocol, IpAddress>, std::shared_ptr<PortLease::Book>> books;
};

PortLease& PortLease::operator=(PortLease&& other) noexcept {
  if (this != &other) {
    release();
    book_ = std::move(other.book_);
    port_ = other.port_;
  }
  return *this;
}

void PortLease::release() {
  if (const std::shared_ptr<Book> book = std::move(book_)) {
    const std::lock_guard lock(*book->mutex);
    book->taken.reset(port_);
  }
}

PortTable::PortTable() : shared_(std::make_unique<Shared>()) {}
PortTable::~PortTable() = default;

namespace {

std::string describe(std::span<const PortUse> uses, PortRange range) {
  std::string text;
  for (const PortUse& use : uses) {
    text += text.empty() ? "" : ", ";
    text += use.protocol == PortProtocol::kUdp ? "udp " : "tcp ";
    text += use.ip.to_string();
  }
  return text + ", ports " + std::to_string(range.min) + ".." + std::to_string(range.max);
}

}  // namespace

namespace {

/// Ports above 1023 that browsers send nothing to, without a word (the "bad ports" of the Fetch
/// standard): a range with more than one port goes around them.
constexpr std::array<uint16_t, 18> kRefusedByBrowsers = {1719, 1720, 1723, 2049, 3659, 4045,
                                                         4190, 5060, 5061, 6000, 6566, 6665,
                                                         6666, 6667, 6668, 6669, 6697, 10080};

bool is_refused_by_browsers(uint16_t port) {
  return std::find(kRefusedByBrowsers.begin(), kRefusedByBrowsers.end(), port) !=
         kRefusedByBrowsers.end();
}

}  // namespace

Result<PortTable::Grant> PortTable::allocate(std::span<const PortUse> uses, PortRange range,
                                             const Bind& bind) {
  if (range.min == 0 || range.max < range.min) {
    return type_error("port range " + std::to_string(range.min) + ".." + std::to_string(range.max) +
                      ": expected 1 <= min <= max");
  }
  const std::lock_guard lock(*shared_->mutex);
  std::vector<std::shared_ptr<PortLease::Book>> books;
  for (const PortUse& use : uses) {
    auto& book = shared_->books[{use.protocol, use.ip}];
    if (!book) {
      book = std::make_shared<PortLease::Book>(shared_->mutex);
    }
    books.push_back(book);
  }

  const uint32_t count = uint32_t{range.max} - range.min + 1;
  const uint32_t start = random_uint32(0, count - 1);
  for (uint32_t i = 0; i < count; ++i) {
    const auto port = static_cast<uint16_t>(range.min + (start + i) % count);
    if (count > 1 && is_refused_by_browsers(port)) {
      continue;
    }
    if (std::any_of(books.begin(), books.end(), [&](auto& book) { return book->taken[port]; })) {
      continue;
    }
    const int error = bind(port);
    if (error == EADDRINUSE) {
      continue;
    }
    if (error != 0) {
      return generic_error("cannot bind port " + std::to_string(port) + " (" +
                           describe(uses, range) + "): " + std::generic_category().message(error));
    }
    Grant grant{port, {}};
    for (auto& book : books) {
      book->taken.set(port);
      grant.leases.push_back(PortLease(std::move(book), port));
    }
    return grant;
  }
  return generic_error("no more available ports (" + describe(uses, range) + ")");
}

}  // namespace sluice::net
