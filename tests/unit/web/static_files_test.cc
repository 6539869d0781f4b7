#include "web/static_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <vector>

namespace sluice::web {
namespace {

namespace fs = std::filesystem;

Response ask(HttpHandler& handler, std::string path) {
  Request request;
  request.method = "GET";
  request.url = parse_target("/" + percent_encode(path)).value_or(Target{});
  request.parameters = {{"*", std::move(path)}};
  Response answer;
  handler(request, Responder([&answer](Response r) { answer = std::move(r); }));
  return answer;
}

constexpr std::string_view kIndex = "<!doctype html>";
constexpr std::string_view kScript = "run()";
const EmbeddedFile kFiles[] = {
    {"index.html", "text/html; charset=utf-8", as_bytes(kIndex), "\"i\""},
    {"assets/app-1a2b.js", "text/javascript; charset=utf-8", as_bytes(kScript), "\"s\""},
};

TEST(EmbeddedFiles, AreServedWithTypeTagAndCaching) {
  HttpHandler handler = serve_embedded(kFiles);
  const Response script = ask(handler, "assets/app-1a2b.js");
  EXPECT_EQ(script.status, 200);
  EXPECT_EQ(as_text(script.static_body), kScript);
  EXPECT_EQ(script.headers.get("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(script.headers.get("ETag"), "\"s\"");
  EXPECT_EQ(script.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(ask(handler, "").headers.get("Cache-Control"), "no-cache");
  EXPECT_EQ(as_text(ask(handler, "").static_body), kIndex);
}

TEST(EmbeddedFiles, UnknownPathsAre404OrTheIndex) {
  HttpHandler plain = serve_embedded(kFiles);
  EXPECT_EQ(ask(plain, "room/7").status, 404);
  HttpHandler routed = serve_embedded(kFiles, {.index_for_unknown = true});
  EXPECT_EQ(as_text(ask(routed, "room/7").static_body), kIndex);
  EXPECT_EQ(ask(routed, "assets/missing.js").status, 404);
}

class DirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    base_ = fs::temp_directory_path() / ("sluice-web-" + std::to_string(::getpid()));
    fs::create_directories(base_ / "root" / "sub");
    write("root/index.html", "index");
    write("root/sub/a.css", "css");
    write("root/.hidden", "hidden");
    write("secret.txt", "secret");
    fs::create_symlink(base_ / "secret.txt", base_ / "root" / "link.txt");
    fs::create_symlink(base_ / "root" / "index.html", base_ / "root" / "inside.html");
    fs::create_directory_symlink(base_, base_ / "root" / "up");
  }
  void TearDown() override { fs::remove_all(base_); }

  void write(const std::string& name, std::string_view text) {
    std::ofstream(base_ / name, std::ios::binary) << text;
  }

  fs::path base_;
};

TEST_F(DirectoryTest, ServesFiles) {
  auto handler = serve_directory(base_ / "root");
  ASSERT_TRUE(handler);
  EXPECT_EQ(ask(*handler, "").body, "index");
  const Response css = ask(*handler, "sub/a.css");
  EXPECT_EQ(css.body, "css");
  EXPECT_EQ(css.headers.get("Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(css.headers.get("ETag"), make_etag(as_bytes("css")));
  EXPECT_EQ(ask(*handler, "inside.html").body, "index");
}

TEST_F(DirectoryTest, NeverLeavesTheRoot) {
  auto handler = serve_directory(base_ / "root");
  ASSERT_TRUE(handler);
  for (const std::string& path : std::vector<std::string>{
           "../secret.txt", "sub/../../secret.txt", "link.txt", "up/secret.txt", ".hidden",
           "/etc/passwd", "sub//a.css", "./index.html", "..\\secret.txt", "..", "sub", "sub/",
           (base_ / "secret.txt").string()}) {
    EXPECT_EQ(ask(*handler, path).status, 404) << path;
  }
  EXPECT_EQ(ask(*handler, std::string("index.html\0.css", 15)).status, 404);
}

TEST_F(DirectoryTest, RefusesFilesOverTheLimit) {
  auto handler = serve_directory(base_ / "root", {.max_file = 4});
  ASSERT_TRUE(handler);
  EXPECT_EQ(ask(*handler, "index.html").status, 404);
  EXPECT_EQ(ask(*handler, "sub/a.css").status, 200);
}

TEST_F(DirectoryTest, AMissingRootIsAnErrorThatNamesIt) {
  const auto handler = serve_directory(base_ / "none");
  ASSERT_FALSE(handler);
  EXPECT_NE(handler.error().message.find((base_ / "none").string()), std::string::npos);
  EXPECT_FALSE(serve_directory(base_ / "secret.txt"));
}

}  // namespace
}  // namespace sluice::web
