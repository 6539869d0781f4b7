# Turns the files of a folder into a C++ source that has them as sluice::app::web_client_files().
# The bytes are taken in by the assembler (.incbin), so that big files cost no compile time.
#
#   cmake -DFOLDER=web/dist -DOUTPUT=web_client_files.cc -P embed_files.cmake
#
# The output is written only when it changes; it names every file's hash, so that a changed file
# changes it. Without the folder (or without an index.html in it) the list is empty.

set(files "")
if(EXISTS "${FOLDER}/index.html")
  # Hidden files, such as stamps of the build, are no content.
  file(GLOB_RECURSE files RELATIVE "${FOLDER}" "${FOLDER}/*")
  list(FILTER files EXCLUDE REGEX "(^|/)\\.")
  list(SORT files)
endif()

set(assembly "")
set(symbols "")
set(entries "")
set(number 0)
foreach(file IN LISTS files)
  file(SHA256 "${FOLDER}/${file}" hash)
  string(SUBSTRING ${hash} 0 32 tag)
  set(begin "sluice_embedded_${number}")
  string(APPEND assembly
    "    \".global ${begin}\\n\"\n"
    "    \"${begin}:\\n\"\n"
    "    \".incbin \\\"${FOLDER}/${file}\\\"\\n\"\n"
    "    \".global ${begin}_end\\n\"\n"
    "    \"${begin}_end:\\n\"\n"
    "    \".byte 0\\n\"\n")
  string(APPEND symbols "extern const uint8_t ${begin}[], ${begin}_end[];\n")
  string(APPEND entries
    "      make(\"${file}\", {${begin}, ${begin}_end}, \"\\\"${tag}\\\"\"),\n")
  math(EXPR number "${number} + 1")
endforeach()

if(number EQUAL 0)
  set(body "  return {};\n")
else()
  set(body "  static const auto kFiles = std::to_array<web::EmbeddedFile>({\n${entries}  });\n  return kFiles;\n")
  set(assembly "asm(\".pushsection .rodata\\n\"\n${assembly}    \".popsection\\n\");\n")
endif()

set(source "// Made by tools/embed_files.cmake from ${FOLDER}.
#include <array>
#include <cstdint>

#include \"app/web_client.h\"

${assembly}
extern \"C\" {
${symbols}}

namespace sluice::app {

[[maybe_unused]] static web::EmbeddedFile make(std::string_view path, Bytes bytes,
                                               std::string_view etag) {
  return {path, web::content_type_of(path), bytes, etag};
}

std::span<const web::EmbeddedFile> embedded_web_client() {
${body}}

}  // namespace sluice::app
")

set(old "")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" old)
endif()
if(NOT source STREQUAL old)
  file(WRITE "${OUTPUT}" "${source}")
endif()
