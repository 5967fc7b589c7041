import Engines
import Testing

@Suite struct TerraformCommandTests {
  typealias Plan = TerraformCommand.Plan

  @Test func `a plan with no options`() {
    #expect(
      TerraformCommand.plan(Plan(outFile: "p")).arguments == ["plan", "-input=false", "-json", "-out=p"]
    )
  }

  @Test func `a plan with all options`() {
    let plan = Plan(
      mode: .destroy,
      outFile: "p",
      refresh: false,
      parallelism: 3,
      replace: ["a.b[\"c d\"]", "e.f"]
    )
    #expect(
      TerraformCommand.plan(plan).arguments == [
        "plan", "-input=false", "-json", "-out=p", "-destroy", "-refresh=false", "-parallelism=3",
        "-replace=a.b[\"c d\"]", "-replace=e.f",
      ]
    )
  }

  @Test func `a refresh-only plan`() {
    #expect(TerraformCommand.plan(Plan(mode: .refreshOnly, outFile: "p")).arguments.last == "-refresh-only")
  }

  @Test(
    arguments: [
      (.version, ["version", "-json"]), (.initialize, ["init", "-input=false", "-json"]),
      (.show(planFile: "p"), ["show", "-json", "p"]),
      (.apply(planFile: "p", parallelism: nil), ["apply", "-input=false", "-json", "p"]),
      (.apply(planFile: "p", parallelism: 2), ["apply", "-input=false", "-json", "-parallelism=2", "p"]),
      (.output, ["output", "-json"]),
    ] as [(TerraformCommand, [String])]
  )
  func `the other commands`(command: TerraformCommand, arguments: [String]) {
    #expect(command.arguments == arguments)
  }

  @Test func `the CLI configuration sends a mirrored provider to its mirror alone`() {
    let config = TerraformCLIConfig(
      mirrors: ["/m \"q\" ${x} $y %{z}"],
      mirroredProviders: ["/m \"q\" ${x} $y %{z}": ["registry.terraform.io/hashicorp/aws"]],
      pluginCache: "/cache"
    )
    #expect(
      config.text == #"""
        disable_checkpoint = true
        plugin_cache_dir = "/cache"
        provider_installation {
          filesystem_mirror {
            path    = "/m \"q\" $${x} $y %%{z}"
            include = ["registry.terraform.io/hashicorp/aws"]
          }
          direct {
            exclude = ["registry.terraform.io/hashicorp/aws"]
          }
        }

        """#
    )
  }

  @Test func `with downloads off there is no direct installation`() {
    #expect(!TerraformCLIConfig(allowsDownload: false).text.contains("direct"))
  }

  @Test(arguments: [
    ("1.11.0", true), ("1.11.4", true), ("1.10.9", false), ("2.0.0", true), ("1.12.0-beta1", true),
    ("1.9", false),
  ])
  func `versions are compared by number`(version: String, isNewEnough: Bool) {
    #expect(EngineBinary.isAtLeast("1.11.0", version) == isNewEnough)
  }

  @Test(
    arguments: [
      (#"a"b"#, #"a\"b"#), ("a\u{22}\u{301}b", "a\\\u{22}\u{301}b"), ("${x}", "$${x}"), ("%{x", "%%{x"),
      ("$${", "$$${"), ("$\u{7B}\u{301}", "$$\u{7B}\u{301}"), ("a\r\nb", #"a\r\nb"#), (#"\"#, #"\\"#),
    ])
  func `no path ends the string it is written in`(path: String, written: String) {
    let text = TerraformCLIConfig(pluginCache: path).text
    #expect(text.utf8.starts(with: "disable_checkpoint = true\nplugin_cache_dir = \"\(written)\"\n".utf8))
  }
}
