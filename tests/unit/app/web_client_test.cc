// The embedded web client.
#include "app/web_client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace sluice::app {
namespace {

const std::filesystem::path kDist = SLUICE_SOURCE_DIR "/web/dist";

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(WebClient, HasAPageInAnyCase) {
  const auto files = web_client();
  const auto index = std::ranges::find(files, "index.html", &web::EmbeddedFile::path);
  ASSERT_NE(index, files.end());
  EXPECT_EQ(index->content_type, "text/html; charset=utf-8");
  EXPECT_FALSE(index->bytes.empty());
}

TEST(WebClient, EveryFileHasATypeAndAnEntityTag) {
  for (const web::EmbeddedFile& file : web_client()) {
    EXPECT_NE(file.content_type, "application/octet-stream") << file.path;
    ASSERT_GT(file.etag.size(), 2U) << file.path;
    EXPECT_EQ(file.etag.front(), '"');
    EXPECT_EQ(file.etag.back(), '"');
  }
}

TEST(WebClient, EmbedsTheFilesOfTheBuild) {
  if (!std::filesystem::exists(kDist / "index.html")) {
    EXPECT_TRUE(embedded_web_client().empty());
    return;
  }
  std::set<std::string> embedded;
  for (const web::EmbeddedFile& file : embedded_web_client()) {
    embedded.emplace(file.path);
    const std::string content(file.bytes.begin(), file.bytes.end());
    EXPECT_EQ(content, read(kDist / file.path)) << file.path;
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kDist)) {
    const std::string name = std::filesystem::relative(entry.path(), kDist).string();
    if (entry.is_regular_file() && !entry.path().filename().string().starts_with('.')) {
      EXPECT_TRUE(embedded.contains(name)) << name;
    }
  }
}

}  // namespace
}  // namespace sluice::app
