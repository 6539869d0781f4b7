#include "web/static_files.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <optional>

namespace sluice::web {
namespace {

namespace fs = std::filesystem;

struct MediaType {
  std::string_view ending;
  std::string_view type;
};

constexpr MediaType kMediaTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json; charset=utf-8"},
    {".map", "application/json; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff", "font/woff"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".mp3", "audio/mpeg"},
    {".ogg", "audio/ogg"},
    {".wav", "audio/wav"},
    {".mp4", "video/mp4"},
    {".webm", "video/webm"},
};

/// The file that a path under the mount point names.
std::string resolve_index(std::string_view path, const StaticOptions& options) {
  std::string name(path);
  if (name.empty() || name.ends_with('/')) {
    name += options.index;
  }
  return name;
}

bool wants_index_instead(std::string_view path, const StaticOptions& options) {
  const std::string_view last = path.substr(path.rfind('/') + 1);
  return options.index_for_unknown && last.find('.') == std::string_view::npos;
}

std::string_view cache_control(std::string_view path, const StaticOptions& options) {
  const bool immutable =
      !options.immutable_prefix.empty() && path.starts_with(options.immutable_prefix);
  return immutable ? "public, max-age=31536000, immutable" : "no-cache";
}

Response file_answer(std::string_view path, std::string_view type, std::string_view etag,
                     const StaticOptions& options) {
  Response response;
  response.headers.add("Content-Type", type);
  response.headers.add("Cache-Control", cache_control(path, options));
  response.headers.add("ETag", etag);
  response.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

const EmbeddedFile* find_embedded(std::span<const EmbeddedFile> files, std::string_view path) {
  for (const EmbeddedFile& file : files) {
    if (file.path == path) {
      return &file;
    }
  }
  return nullptr;
}

/// Whether every segment is a plain visible name.
bool is_plain_path(std::string_view path) {
  for (;;) {
    const size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (segment.empty() || segment.front() == '.' ||
        segment.find_first_of(std::string_view("\\\0", 2)) != std::string_view::npos) {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    path = path.substr(slash + 1);
  }
}

/// The real path of a regular file under `root` (itself a real path), or nothing.
std::optional<fs::path> find_on_disk(const fs::path& root, std::string_view path) {
  if (!is_plain_path(path)) {
    return std::nullopt;
  }
  std::error_code failure;
  fs::path real = fs::canonical(root / fs::path(path), failure);
  if (failure || !fs::is_regular_file(real, failure)) {
    return std::nullopt;
  }
  const fs::path relative = real.lexically_relative(root);
  if (relative.empty() || *relative.begin() == "..") {
    return std::nullopt;
  }
  return real;
}

std::optional<std::string> read_file(const fs::path& path, size_t limit) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::streamoff>(file.tellg());
  if (!file || size < 0 || static_cast<size_t>(size) > limit) {
    return std::nullopt;
  }
  std::string bytes(static_cast<size_t>(size), '\0');
  file.seekg(0);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file) {
    return std::nullopt;
  }
  return bytes;
}

std::optional<Response> file_response(const fs::path& root, const std::string& path,
                                      const StaticOptions& options) {
  const auto real = find_on_disk(root, path);
  if (!real) {
    return std::nullopt;
  }
  auto bytes = read_file(*real, options.max_file);
  if (!bytes) {
    return std::nullopt;
  }
  Response response =
      file_answer(path, content_type_of(path), make_etag(as_bytes(*bytes)), options);
  response.body = std::move(*bytes);
  return response;
}

}  // namespace

std::string_view content_type_of(std::string_view path) {
  const size_t dot = path.rfind('.');
  if (dot != std::string_view::npos) {
    for (const MediaType& known : kMediaTypes) {
      if (equal_ignoring_case(known.ending, path.substr(dot))) {
        return known.type;
      }
    }
  }
  return "application/octet-stream";
}

std::string make_etag(Bytes bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::string tag = "\"";
  for (size_t i = 0; i < 16; ++i) {  // 128 bits of the digest are plenty to tell files apart
    tag += kHex[digest[i] >> 4];
    tag += kHex[digest[i] & 15];
  }
  return tag + '"';
}

HttpHandler serve_embedded(std::span<const EmbeddedFile> files, StaticOptions options) {
  return [files, options = std::move(options)](const Request& request, Responder responder) {
    const std::string_view path = request.parameter("*");
    const EmbeddedFile* file = find_embedded(files, resolve_index(path, options));
    if (file == nullptr && wants_index_instead(path, options)) {
      file = find_embedded(files, options.index);
    }
    if (file == nullptr) {
      responder.fail(404, "there is no file at " + request.url.raw_path);
      return;
    }
    Response response = file_answer(file->path, file->content_type, file->etag, options);
    response.static_body = file->bytes;
    responder.send(std::move(response));
  };
}

Result<HttpHandler> serve_directory(const fs::path& root, StaticOptions options) {
  std::error_code failure;
  fs::path real_root = fs::canonical(root, failure);
  if (failure || !fs::is_directory(real_root, failure)) {
    return not_found_error("static file directory " + root.string() + ": " +
                           (failure ? failure.message() : "not a directory"));
  }
  return [real_root = std::move(real_root), options = std::move(options)](const Request& request,
                                                                          Responder responder) {
    const std::string_view path = request.parameter("*");
    auto response = file_response(real_root, resolve_index(path, options), options);
    if (!response && wants_index_instead(path, options)) {
      response = file_response(real_root, options.index, options);
    }
    if (response) {
      responder.send(std::move(*response));
    } else {
      responder.fail(404, "there is no file at " + request.url.raw_path);
    }
  };
}

}  // namespace sluice::web
