#include "dialects/foundry/admission_rules.h"

#include <gtest/gtest.h>

namespace sluice::foundry {
namespace {

web::Request request(std::string_view target, web::Headers headers = {}) {
  web::Request made;
  made.method = "GET";
  made.target = target;
  made.url = web::parse_target(target).value();
  made.headers = std::move(headers);
  return made;
}

TEST(FoundryAdmissionRules, RoomComesFromTheQueryWhateverThePath) {
  EXPECT_EQ(decide({}, request("/")).room, "default");
  EXPECT_EQ(decide({}, request("/any/path")).room, "default");
  EXPECT_EQ(decide({}, request("/?room=")).room, "default");
  EXPECT_EQ(decide({}, request("/?room=my-world")).room, "my-world");
  EXPECT_EQ(decide({}, request("/x?token=t&room=a%20b+%C3%A9")).room, "a b \xC3\xA9");
}

// 2.2: 1 to 128 characters.
TEST(FoundryAdmissionRules, LengthOfRoomNamesIsCountedInCharacters) {
  std::string wide;
  for (int i = 0; i < 128; ++i) {
    wide += "%E2%82%AC";
  }
  EXPECT_EQ(decide({}, request("/?room=" + std::string(128, 'a'))).status, 0);
  EXPECT_EQ(decide({}, request("/?room=" + std::string(129, 'a'))).status, 400);
  EXPECT_EQ(decide({}, request("/?room=" + wide)).status, 0);
  EXPECT_EQ(decide({}, request("/?room=" + wide + "a")).status, 400);
}

TEST(FoundryAdmissionRules, RoomNamesAreTextWithoutControlCharacters) {
  for (const char* room : {"%0A", "a%00b", "%7F", "%C2%85", "%FF", "%C3", "%C0%80", "%E0%80%80",
                           "%ED%A0%80", "%F4%90%80%80", "%F8%88%80%80%80", "%80"}) {
    EXPECT_EQ(decide({}, request(std::string("/?room=") + room)).status, 400) << room;
  }
  EXPECT_EQ(decide({}, request("/?room=%F0%9F%8E%B2")).status, 0);
}

// FOUNDRY-25
TEST(FoundryAdmissionRules, Foundry25TokenMustBeEqual) {
  const AdmissionRules rules{.token = "secret", .origins = {}};
  EXPECT_EQ(decide(rules, request("/?token=secret")).status, 0);
  for (const char* target :
       {"/", "/?token=", "/?token=secre", "/?token=secrets", "/?token=Secret", "/?TOKEN=secret"}) {
    EXPECT_EQ(decide(rules, request(target)).status, 401) << target;
  }
}

TEST(FoundryAdmissionRules, TokenIsNotAskedForWhenNoneIsSet) {
  EXPECT_EQ(decide({}, request("/?token=whatever")).status, 0);
}

TEST(FoundryAdmissionRules, OriginMustBeInTheList) {
  const AdmissionRules rules{.token = {}, .origins = {"https://game.example.org"}};
  EXPECT_EQ(decide(rules, request("/", {{"Origin", "https://game.example.org"}})).status, 0);
  EXPECT_EQ(decide(rules, request("/", {{"Origin", "https://evil.example.org"}})).status, 403);
  EXPECT_EQ(decide(rules, request("/", {{"Origin", "null"}})).status, 403);
  EXPECT_EQ(decide(rules, request("/")).status, 403);
  EXPECT_EQ(decide({}, request("/", {{"Origin", "https://any"}})).status, 0);
}

}  // namespace
}  // namespace sluice::foundry
