#include "app/web_client.h"

#include <array>

namespace sluice::app {
namespace {

constexpr std::string_view kNoClientPage = R"(<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sluice</title></head>
<body style="font-family: system-ui; max-width: 40em; margin: 4em auto; padding: 0 1em">
<h1>Sluice is running</h1>
<p>This build has no web client in it. <code>./dev build</code> builds the server with its client;
with CMake alone, run <code>npm ci &amp;&amp; npm run build</code> in <code>web/</code> first.</p>
<p>Other clients can connect: the server itself is complete.</p>
</body>
</html>
)";

std::span<const web::EmbeddedFile> page_without_client() {
  static const std::array<web::EmbeddedFile, 1> kFiles = {{
      {"index.html", "text/html; charset=utf-8",
       Bytes(reinterpret_cast<const uint8_t*>(kNoClientPage.data()), kNoClientPage.size()),
       "\"no-client\""},
  }};
  return kFiles;
}

}  // namespace

std::span<const web::EmbeddedFile> web_client() {
  const auto files = embedded_web_client();
  return files.empty() ? page_without_client() : files;
}

}  // namespace sluice::app
