// The built-in web client: the files of web/dist, embedded in the binary.
#pragma once

#include <span>

#include "web/static_files.h"

namespace sluice::app {

/// As the build found them; empty when the client was not built.
std::span<const web::EmbeddedFile> embedded_web_client();

/// What is served at "/": the client, or a page that says how to build it.
std::span<const web::EmbeddedFile> web_client();

}  // namespace sluice::app
