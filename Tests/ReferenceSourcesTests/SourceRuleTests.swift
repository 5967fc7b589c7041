import ReferenceSources
import References
import StackModel
import Testing
import YAMLTree

@Suite("Sources of references in the settings")
struct SourceRuleTests {
  private static func read(_ text: String) throws -> (rule: SourceRule?, problems: [String]) {
    let (documents, problems) = YAMLReader.read(Array(text.utf8), file: "settings.yaml")
    #expect(problems == [])
    var reader = SourceRuleReader()
    let rule = reader.read(try #require(documents.first))
    return (rule, reader.diagnostics.map { "\($0.location?.line ?? 0): \($0.message)" })
  }

  @Test(arguments: [
    ("{type: files, files: [a.yaml, b.yaml]}", "files a.yaml, b.yaml", "secrets variables"),
    ("{type: directory, path: /run/secrets}", "directory /run/secrets", "secrets variables"),
    ("{type: environment, prefix: APP_, kinds: [variables]}", "environment APP_*", "variables"),
    ("{type: http, url: 'https://x/{group}'}", "http https://x/{group}", "secrets variables"),
    ("{type: aws-secrets-manager}", "aws-secrets-manager", "secrets"),
    (
      "{type: aws-ssm, parameter: /p/{entry}}".replacing("/p/{entry}", with: "'/p/{entry}'"),
      "aws-ssm /p/{entry}", "secrets variables"
    ),
    ("{type: kubernetes, namespace: shop}", "kubernetes shop", "secrets variables"),
    ("{type: vault, address: 'https://v'}", "vault https://v", "secrets"),
    ("{type: sops, file: s.yaml}", "sops s.yaml", "secrets"),
    ("{type: age, file: s.age, identity: key.txt}", "age s.age", "secrets"),
    ("{type: command, command: [pass, show, '{group}/{entry}']}", "command pass", "secrets variables"),
    ("{type: command, name: our store, command: [pass]}", "our store", "secrets variables"),
  ])
  func `a rule has a name and kinds`(text: String, name: String, kinds: String) throws {
    let (rule, problems) = try Self.read(text)
    #expect(problems == [])
    #expect(rule?.name == name)
    #expect(
      rule?.kinds.map { $0 == .secrets ? "secrets" : "variables" }.sorted().joined(separator: " ") == kinds
    )
  }

  @Test(arguments: [
    ("text", "1: a source of references is a map with a `type`"),
    (
      "{type: valt}",
      "1: the `type` of a source is one of files, directory, environment, http, aws-secrets-manager, aws-ssm, "
        + "kubernetes, vault, sops, age, command"
    ),
    ("{type: directory}", "1: a source of the type `directory` needs `path`"),
    ("{type: directory, path: [a]}", "1: `path` is a text"),
    ("{type: files, files: a.yaml}", "1: `files` is a list of texts"),
    ("type: directory\npath: /a\nadress: x", "3: `adress` is no key of a source of the type `directory`"),
    ("{type: directory, path: /a, kinds: [secret]}", "1: `kinds` is a list of `variables` and `secrets`"),
    ("{type: directory, path: /a, timeoutSeconds: 0}", "1: `timeoutSeconds` is a whole number from 1 to 600"),
    ("{type: command, command: [a], missingExit: 0}", "1: `missingExit` is an exit code from 1 to 255"),
    ("{type: http, url: values.example.com}", "1: `url` begins with https:// or http://"),
    ("{type: vault, address: 'file:///a'}", "1: `address` begins with https:// or http://"),
    ("{type: directory, path: /a, name: ''}", "1: `name` is a text"),
  ])
  func `a mistake is told with its place`(text: String, problem: String) throws {
    #expect(try Self.read(text).problems == [problem])
  }
}
