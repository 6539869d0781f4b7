#include "dialects/foundry/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::foundry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(FoundryEnvironment, ReadsAssignmentsAndSkipsCommentsAndEmptyLines) {
  const EnvFile file =
      parse_env_file("# settings\n\nA=1\n  B = two words \nexport C=3\nD=\n_e9=x=y\n");
  EXPECT_THAT(file.variables, ElementsAre(Pair("A", "1"), Pair("B", "two words"), Pair("C", "3"),
                                          Pair("D", ""), Pair("_e9", "x=y")));
  EXPECT_THAT(file.warnings, IsEmpty());
}

TEST(FoundryEnvironment, TakesWindowsLineEndsAndByteOrderMark) {
  EXPECT_THAT(parse_env_file("\xEF\xBB\xBF"
                             "A=1\r\nB=2\r\n")
                  .variables,
              ElementsAre(Pair("A", "1"), Pair("B", "2")));
}

TEST(FoundryEnvironment, LastLineNeedsNoLineEnd) {
  EXPECT_THAT(parse_env_file("A=1\nB=2").variables, ElementsAre(Pair("A", "1"), Pair("B", "2")));
}

TEST(FoundryEnvironment, LastAssignmentCounts) {
  EXPECT_THAT(parse_env_file("A=1\nA=2\n").variables, ElementsAre(Pair("A", "2")));
}

TEST(FoundryEnvironment, CommentsBehindValuesNeedABlank) {
  EXPECT_THAT(parse_env_file("A=1 # one\nB=a#b\nC=#c\nD='x' # y\n").variables,
              ElementsAre(Pair("A", "1"), Pair("B", "a#b"), Pair("C", ""), Pair("D", "x")));
}

TEST(FoundryEnvironment, QuotesKeepBlanksAndHashes) {
  EXPECT_THAT(parse_env_file(R"(A=" a # b "
B=' a "b" \n '
C="q\"\\\$\n\t\r\x"
D=""
)")
                  .variables,
              ElementsAre(Pair("A", " a # b "), Pair("B", R"( a "b" \n )"),
                          Pair("C", "q\"\\$\n\t\r\\x"), Pair("D", "")));
}

TEST(FoundryEnvironment, MalformedLinesAreNamedWithoutTheirContent) {
  const EnvFile file =
      parse_env_file("A=1\nsecret\n1B=2\nC D=3\n=4\nE=\"open\nF='open\nG=\"a\" b\nH=5\n");
  EXPECT_THAT(file.variables, ElementsAre(Pair("A", "1"), Pair("H", "5")));
  ASSERT_EQ(file.warnings.size(), 7u);
  EXPECT_THAT(file.warnings[0], HasSubstr("line 2"));
  EXPECT_THAT(file.warnings[0], Not(HasSubstr("secret")));
  EXPECT_THAT(file.warnings[6], HasSubstr("line 8"));
}

// FOUNDRY-20
TEST(FoundryEnvironment, Foundry20RealEnvironmentOverridesTheFile) {
  const Variables merged = merge_variables({{"A", "real"}, {"B", ""}, {"C", "c"}},
                                           {{"A", "file"}, {"B", "file"}, {"D", ""}});
  EXPECT_THAT(merged, ElementsAre(Pair("A", "real"), Pair("B", "file"), Pair("C", "c")));
}

TEST(FoundryEnvironment, ProcessEnvironmentIsReadable) {
  ::setenv("SLUICE_TEST_VARIABLE", "a=b", 1);
  EXPECT_EQ(process_environment()["SLUICE_TEST_VARIABLE"], "a=b");
  ::unsetenv("SLUICE_TEST_VARIABLE");
}

}  // namespace
}  // namespace sluice::foundry
