// Static files: those embedded in the binary, and those of a directory.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "web/router.h"

namespace sluice::web {

/// A file in the binary. All views live as long as the process.
struct EmbeddedFile {
  std::string_view path;  ///< relative, e.g. "assets/app-1a2b.js"
  std::string_view content_type;
  Bytes bytes;
  std::string_view etag;  ///< with its quotes
};

struct StaticOptions {
  /// Sent for "" and for every path that ends in "/" (after it).
  std::string index = "index.html";
  /// Send the root's index for unknown paths without a dot in the last segment, as client-side
  /// routing wants.
  bool index_for_unknown = false;
  /// Files under this prefix carry a content hash in their name and are cached for a year; all
  /// others are revalidated each time.
  std::string immutable_prefix = "assets/";
  /// Larger files of a directory are refused: a file is held in memory while it is sent.
  size_t max_file = 32 * 1024 * 1024;
};

/// Media type by the name's ending, "application/octet-stream" when unknown.
std::string_view content_type_of(std::string_view path);

/// A strong entity tag of the content, with quotes.
std::string make_etag(Bytes bytes);

/// Handler for a pattern ending in `*`, serving `files`, which must outlive the router.
HttpHandler serve_embedded(std::span<const EmbeddedFile> files, StaticOptions options = {});

/// Handler for a pattern ending in `*`, serving the regular files under `root`. A path that leaves
/// the root, by `..` or by a symbolic link, and hidden files (a segment that starts with a dot) are
/// not found. Fails when `root` is no readable directory. Reads synchronously.
Result<HttpHandler> serve_directory(const std::filesystem::path& root, StaticOptions options = {});

}  // namespace sluice::web
