#include "media/object_ids.h"

#include <algorithm>
#include <utility>

namespace sluice::media {

bool ObjectIds::add(const std::string& id, ObjectKind kind) {
  return objects_.emplace(id, Object{kind, ++last_number_}).second;
}

std::vector<ObjectIds::Entry> ObjectIds::entries() const {
  std::vector<std::pair<uint64_t, Entry>> sorted;
  sorted.reserve(objects_.size());
  for (const auto& [id, object] : objects_) {
    sorted.emplace_back(object.number, Entry{id, object.kind});
  }
  std::ranges::sort(sorted, {}, &std::pair<uint64_t, Entry>::first);
  std::vector<Entry> entries;
  entries.reserve(sorted.size());
  for (auto& [number, entry] : sorted) {
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace sluice::media
