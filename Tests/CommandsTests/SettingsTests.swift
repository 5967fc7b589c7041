import LocalFiles
import StackModel
import Testing

@testable import Commands

@Suite struct SettingsTests {
  private func load(_ text: String) throws -> (settings: Settings, diagnostics: [Diagnostic]) {
    let path = "/tmp/stackjob-settings-\(UInt64.random(in: 0 ... .max)).yaml"
    try LocalFiles.create(path, with: Array(text.utf8))
    defer { try? LocalFiles.remove(path) }
    return Settings.load(Locations(environment: ["STACKJOB_CONFIG": path], executable: "/nonexistent/x"))
  }

  @Test func `every key is read`() throws {
    let (settings, problems) = try load(
      """
      engine: tofu
      templates: [/t]
      providerMirrors: [/m]
      pluginCache: /c
      allowDownload: false
      maskEnv: [TOKEN]
      maskFile: /mask
      passEnv: [EXTRA]
      parallelism: 4
      providerPool: 0
      secretsInVariables: true
      backends:
        - match: {org: acme, env: prod}
          type: s3
          config: {bucket: states}
        - type: local
      """
    )
    #expect(problems.isEmpty)
    #expect(settings.engine == .tofu)
    #expect(settings.templates == ["/t"])
    #expect(settings.providerMirrors == ["/m"])
    #expect(settings.pluginCache == "/c")
    #expect(!settings.allowDownload)
    #expect(settings.maskEnvironment == ["TOKEN"])
    #expect(settings.maskFile == "/mask")
    #expect(settings.passEnvironment == ["EXTRA"])
    #expect(settings.parallelism == 4 && settings.providerPool == 0)
    #expect(settings.keepsSecretVariables)
    let production = try #require(StackID("acme/prod/K/n"))
    #expect(settings.backend(for: production)?.type == "s3")
    let other = try #require(StackID("acme/dev/K/n"))
    #expect(settings.backend(for: other)?.type == "local")
  }

  @Test(
    arguments: [
      ("engin: terraform", "engine"), ("engine: helm", "terraform, tofu, pulumi"),
      ("parallelism: 0", "from 1"),
      ("providerPool: -1", "from 0"),
      ("templates: /t", "list"), ("backends: [{type: s4}]", "s3"),
      ("backends: [{match: {envv: a}, type: s3}]", "env"),
      ("allowDownload: yes", "true or false"), ("backends: [{match: 7, type: s3}]", "`match` is a map"),
      ("backends: [{type: s3, config: x}]", "`config` is a map"),
    ])
  func `what is wrong is said`(text: String, expected: String) throws {
    let (_, problems) = try load(text)
    let problem = try #require(problems.first)
    #expect("\(problem.message) \(problem.hint ?? "")".contains(expected))
    #expect(problem.location?.line == 1)
  }

  @Test func `folders follow the environment`() {
    let plain = Locations(environment: ["HOME": "/h"], executable: "/nonexistent/x")
    #expect(plain.stateHome == "/h/.local/state/stackjob")
    #expect(plain.settings == "/h/.config/stackjob/settings.yaml")
    let xdg = Locations(
      environment: ["HOME": "/h", "XDG_STATE_HOME": "/s", "XDG_CONFIG_HOME": "/c"],
      executable: "/nonexistent/x"
    )
    #expect(xdg.stateHome == "/s/stackjob")
    #expect(xdg.settings == "/c/stackjob/settings.yaml")
    #expect(Locations(environment: ["STACKJOB_STATE_HOME": "/mine"], executable: "/x").stateHome == "/mine")
    let empty = Locations(environment: ["HOME": "/h", "XDG_STATE_HOME": ""], executable: "/x")
    #expect(empty.stateHome == "/h/.local/state/stackjob")
    let relative = Locations(environment: ["STACKJOB_STATE_HOME": "here"], executable: "/x").stateHome
    #expect(relative.hasPrefix("/") && relative.hasSuffix("/here"), "the engine runs in another folder")
    // Without HOME the account's own home folder, not the root of the file system.
    #expect(Locations(environment: [:], executable: "/x").home == Locations(environment: ["HOME": ""]).home)
  }
}
