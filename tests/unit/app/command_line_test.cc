// The command line.
#include "app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "app/version.h"

namespace sluice::app {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Command = CommandLine::Command;

CommandLine parse(std::vector<const char*> arguments) {
  return parse_command_line(arguments);
}

TEST(CommandLine, ServeIsAllDialects) {
  const CommandLine line = parse({"sluice", "serve"});
  EXPECT_EQ(line.command, Command::kServe);
  EXPECT_FALSE(line.foundry);
  EXPECT_THAT(line.flags.assignments, IsEmpty());
}

TEST(CommandLine, ServeFoundryIsTheDropInMode) {
  const CommandLine line = parse({"sluice", "serve", "foundry", "--port", "3001"});
  EXPECT_EQ(line.command, Command::kServe);
  EXPECT_TRUE(line.foundry);
  ASSERT_EQ(line.flags.assignments.size(), 1U);
  EXPECT_EQ(line.flags.assignments[0].text, "3001");
}

TEST(CommandLine, CalledMediasoupServerItIsTheDropInMode) {
  const CommandLine line = parse({"/usr/local/bin/mediasoup-server"});
  EXPECT_EQ(line.command, Command::kServe);
  EXPECT_TRUE(line.foundry);
  EXPECT_EQ(parse({"mediasoup-server", "--port", "1"}).flags.assignments.size(), 1U);
  EXPECT_FALSE(parse({"/opt/mediasoup-server/sluice", "serve"}).foundry);
}

TEST(CommandLine, VersionIsPrinted) {
  for (const char* name : {"sluice", "mediasoup-server"}) {
    const CommandLine line = parse({name, "--version"});
    EXPECT_EQ(line.command, Command::kText);
    EXPECT_EQ(line.exit_code, kExitSuccess);
    EXPECT_EQ(line.text, "sluice " + std::string(kVersion) + "\n");
  }
}

TEST(CommandLine, EverySettingIsAFlagOfBothCommands) {
  for (const char* command : {"serve", "config"}) {
    for (const Setting& setting : settings()) {
      for (const std::string& name : {flag_name(setting), long_flag_name(setting)}) {
        const std::string flag = name + "=1";
        const CommandLine line = parse({"sluice", command, flag.c_str()});
        ASSERT_NE(line.command, Command::kText) << line.text;
        ASSERT_EQ(line.flags.assignments.size(), 1U) << flag;
        EXPECT_EQ(line.flags.assignments[0].setting, &setting);
        EXPECT_EQ(line.flags.assignments[0].origin.text(), "flag " + flag_name(setting));
      }
    }
  }
}

TEST(CommandLine, SwitchesNeedNoValue) {
  const CommandLine line = parse({"sluice", "serve", "--tls-self-signed", "foundry"});
  ASSERT_EQ(line.flags.assignments.size(), 1U);
  EXPECT_EQ(line.flags.assignments[0].text, "true");
  EXPECT_TRUE(line.foundry);
  EXPECT_EQ(parse({"sluice", "serve", "--media-enable-tcp=false"}).flags.assignments[0].text,
            "false");
}

TEST(CommandLine, RepeatedListFlagsAddUp) {
  const CommandLine line =
      parse({"sluice", "serve", "--media-listen", "127.0.0.1", "--media-listen", "::1"});
  ASSERT_EQ(line.flags.assignments.size(), 1U);
  EXPECT_EQ(line.flags.assignments[0].text, "127.0.0.1,::1");
}

TEST(CommandLine, TheLastOfRepeatedFlagsCounts) {
  const CommandLine line = parse({"sluice", "serve", "--port", "1", "--port", "2"});
  ASSERT_EQ(line.flags.assignments.size(), 1U);
  EXPECT_EQ(line.flags.assignments[0].text, "2");
}

TEST(CommandLine, SecretsAreNotRepeated) {
  const CommandLine line = parse({"sluice", "serve", "--auth-token", "hunter2"});
  ASSERT_EQ(line.flags.assignments.size(), 1U);
  EXPECT_EQ(line.flags.assignments[0].text, "hunter2");
  EXPECT_EQ(line.flags.assignments[0].written, "(not shown)");
}

TEST(CommandLine, TheFileCanBeNamed) {
  EXPECT_EQ(parse({"sluice", "serve", "--config", "a.toml"}).file, "a.toml");
  EXPECT_EQ(parse({"sluice", "serve"}).file, std::nullopt);
}

TEST(CommandLine, ConfigHasItsForms) {
  EXPECT_EQ(parse({"sluice", "config"}).command, Command::kConfig);
  EXPECT_TRUE(parse({"sluice", "config", "--toml"}).toml);
  EXPECT_TRUE(parse({"sluice", "config", "foundry"}).foundry);
  EXPECT_TRUE(parse({"sluice", "config", "--reference"}).reference);
}

TEST(CommandLine, MistakesAreSaidAndExitWithTwo) {
  const std::vector<std::pair<std::vector<const char*>, const char*>> mistakes = {
      {{"sluice"}, "subcommand is required"},    {{"sluice", "server"}, "server"},
      {{"sluice", "serve", "--nope"}, "--nope"}, {{"sluice", "serve", "protoo"}, "protoo"},
      {{"sluice", "serve", "--port"}, "--port"},
  };
  for (const auto& [arguments, named] : mistakes) {
    const CommandLine line = parse(arguments);
    EXPECT_EQ(line.command, Command::kText) << named;
    EXPECT_EQ(line.exit_code, kExitUsage) << named;
    EXPECT_THAT(line.text, HasSubstr(named));
  }
}

TEST(CommandLine, HelpNamesEveryFlag) {
  const CommandLine line = parse({"sluice", "serve", "--help"});
  EXPECT_EQ(line.exit_code, kExitSuccess);
  for (const Setting& setting : settings()) {
    EXPECT_THAT(line.text, HasSubstr(flag_name(setting)));
  }
}

}  // namespace
}  // namespace sluice::app
