// The ids of every object of an engine (ortc-model 0.3): one name space for routers, transports,
// producers and consumers of media and of data, and observers. Only an application's own ids can
// collide; the rest are random UUIDs.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace sluice::media {

enum class ObjectKind : uint8_t {
  kRouter,
  kTransport,
  kProducer,
  kConsumer,
  kDataProducer,
  kDataConsumer,
  kRtpObserver,
};

class ObjectIds {
 public:
  /// Takes an id for a new object; false when another one has it.
  bool add(const std::string& id, ObjectKind kind);
  void remove(const std::string& id) { objects_.erase(id); }
  [[nodiscard]] bool contains(const std::string& id) const { return objects_.contains(id); }

  struct Entry {
    std::string id;
    ObjectKind kind;
  };
  /// All that are taken, oldest first.
  [[nodiscard]] std::vector<Entry> entries() const;

 private:
  struct Object {
    ObjectKind kind;
    uint64_t number;  ///< in order of creation
  };

  std::unordered_map<std::string, Object> objects_;
  uint64_t last_number_ = 0;
};

}  // namespace sluice::media
