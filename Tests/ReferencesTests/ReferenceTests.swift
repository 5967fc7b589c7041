import StackModel
import Testing
import YAMLTree

@testable import References

struct ReferenceTests {
  private static let documents = """
    apiVersion: service-hub.planton.ai/v1
    kind: VariablesGroup
    metadata: {name: common}
    spec:
      description: What all services know.
      entries:
        - {name: prod.kube-endpoint, value: https://kube.example.com}
        - {name: retries, value: 3}
        - {name: debug, value: false}
        - {name: empty, value: ""}
        - {name: path/with/slashes, value: /srv}
        - {name: elsewhere, valueFrom: {kind: AwsVpc, name: main, fieldPath: status.outputs.id}}
    ---
    apiVersion: service-hub.planton.ai/v1
    kind: SecretsGroup
    metadata: {name: database, org: my-org}
    spec:
      entries:
        - name: password
          description: Of the application's user.
          value: hunter2-hunter2
        - {name: db.copilot-agent.name, value: copilot}
    """

  private static func groups(_ text: String = documents) -> (ReferenceGroups, [Diagnostic]) {
    let (documents, syntax) = YAMLReader.read(Array(text.utf8), file: "groups.yaml")
    var groups = ReferenceGroups()
    var problems = syntax
    for document in documents { problems += groups.add(document) }
    return (groups, problems)
  }

  private func resolve(_ texts: [String]) throws -> (values: [ReferenceValue?], diagnostics: [Diagnostic]) {
    let (groups, problems) = Self.groups()
    #expect(problems == [])
    let uses = try texts.enumerated().map { index, text in
      ReferenceUse(
        path: FieldPath(keys: "env").appending(index: index),
        location: SourceLocation(file: "service.yaml", line: index + 1, column: 3),
        reference: try #require(GroupReference(text))
      )
    }
    let answers = uses.map { groups.lookup($0.reference) }
    let failures = zip(uses, answers).compactMap { use, answer -> Diagnostic? in
      if case .failure(let failure) = answer { failure.diagnostic(at: use) } else { nil }
    }
    return (answers.map { try? $0.get() }, failures)
  }

  @Test func `entries are found by whole names, dots, hyphens and further slashes included`() throws {
    let (values, diagnostics) = try resolve([
      "$variables-group/common/prod.kube-endpoint", "$variables-group/common/path/with/slashes",
      "$secrets-group/database/password", "$secrets-group/database/db.copilot-agent.name",
      "$variables-group/common/empty",
    ])
    #expect(diagnostics == [])
    #expect(
      values == [
        .text("https://kube.example.com"), .text("/srv"), .secret(Secret("hunter2-hunter2")),
        .secret(Secret("copilot")), .text(""),
      ]
    )
  }

  @Test func `numbers and truth values are the text that is written`() throws {
    let (values, _) = try resolve(["$variables-group/common/retries", "$variables-group/common/debug"])
    #expect(values == [.text("3"), .text("false")])
  }

  @Test func `a value of a secrets group does not print`() throws {
    let (values, _) = try resolve(["$secrets-group/database/password"])
    #expect(!"\(values)".contains("hunter2"))
  }

  @Test func `all that cannot be resolved is told at once, with place, group and entry`() throws {
    let (values, diagnostics) = try resolve([
      "$variables-group/comon/retries", "$secrets-group/database/pasword", "$secrets-group/common/retries",
      "$variables-group/common/elsewhere", "$variables-group/common/retries",
      "$variables-group/database/password", "$secrets-group/payments/key",
    ])
    #expect(values.map { $0 == nil } == [true, true, true, true, false, true, true])
    let told = diagnostics.map { "\($0.location?.line ?? 0) \($0.code): \($0.message) (\($0.hint ?? ""))" }
    #expect(
      told == [
        "1 reference.group: there is no variables group `comon` to take `retries` from (did you mean `common`?)",
        "2 reference.entry: the secrets group `database` has no entry `pasword` (did you mean `password`?)",
        "3 reference.group: there is no secrets group `common` to take `retries` from "
          + "(the given files hold a variables group of this name, and no secrets group)",
        "4 reference.value: the entry `elsewhere` of the variables group `common` has no value of its own "
          + "(it is to come from another resource, which is not looked up; write `value` at groups.yaml:12:7)",
        "6 reference.group: there is no variables group `database` to take `password` from "
          + "(the given files hold a secrets group of this name, and no variables group)",
        "7 reference.group: there is no secrets group `payments` to take `key` from (there are `database`)",
      ]
    )
    #expect(diagnostics.map(\.path) == ["env[0]", "env[1]", "env[2]", "env[3]", "env[5]", "env[6]"])
  }

  @Test(arguments: [
    "$variables-group/a/b", "$secrets-group/a/b.c-d", "$secrets-group/a-b/c/d",
  ])
  func `a reference reads back as it was written`(text: String) {
    #expect(GroupReference(text)?.description == text)
  }

  @Test(arguments: [
    "$variables-group/", "$variables-group/a", "$variables-group/a/", "$variables-group//b",
    "$secrets-group/a b/c", "$secrets-group/a/b\n",
  ])
  func `a reference without group or entry is none, though it was meant as one`(text: String) {
    #expect(GroupReference.isReference(text))
    #expect(GroupReference(text) == nil)
  }

  @Test(arguments: [
    "http://$variables-group/a/b", " $variables-group/a/b", "$variables-groups/a/b", "${secrets-group/a/b}",
    "$var/a/b", "",
  ])
  func `what does not begin with the prefix is text`(text: String) {
    #expect(!GroupReference.isReference(text))
  }

  private static let head = "apiVersion: service-hub.planton.ai/v1\nkind: VariablesGroup\n"

  static let bad: [(text: String, problem: String)] = [
    ("- a", "1:1 a group is a map, this document is a list"),
    (
      "apiVersion: service-hub.planton.ai/v1\nmetadata: {name: a}",
      "1:1 `kind` is VariablesGroup or SecretsGroup"
    ),
    (
      "apiVersion: service-hub.planton.ai/v1\nkind: VariableGroup",
      "2:7 `VariableGroup` is no kind of group; there are VariablesGroup and SecretsGroup"
    ),
    (
      "kind: VariablesGroup\nmetadata: {name: a}",
      "1:1 the apiVersion of a group is service-hub.planton.ai/v1"
    ),
    (
      "apiVersion: v1\nkind: VariablesGroup\nmetadata: {name: a}",
      "1:13 the apiVersion of a group is service-hub.planton.ai/v1"
    ),
    ("\(head)metadata: {}", "3:11 a group needs `metadata.name`"),
    ("\(head)metadata: {name: a}\nspecs: {}", "4:1 `specs` is not a field of the document"),
    ("\(head)metadata: {name: a}\nspec: {entry: []}", "4:8 `entry` is not a field of spec"),
    ("\(head)metadata: {name: a}\nspec: {entries: {a: b}}", "4:17 `entries` is a list"),
    ("\(head)metadata: {name: a}\nspec: {entries: [{value: b}]}", "4:18 an entry has a `name`"),
    ("\(head)metadata: {name: a}\nspec: {entries: [{name: b}]}", "4:18 the entry `b` has no value"),
    (
      "\(head)metadata: {name: a}\nspec: {entries: [{name: b, value: [1]}]}",
      "4:35 the value of `b` is text, not a list"
    ),
    (
      "\(head)metadata: {name: a}\nspec: {entries: [{name: b, vaule: c, value: d}]}",
      "4:28 `vaule` is not a field of spec.entries[0]"
    ),
    (
      "\(head)metadata: {name: a}\nspec: {entries: [{name: b, value: $variables-group/a/c}]}",
      "4:35 the value of `b` is a reference itself, which is not followed"
    ),
    (
      "\(head)metadata: {name: a}\nspec: {entries: [{name: b, value: c}, {name: b, value: d}]}",
      "4:39 the group has two entries `b`"
    ),
    (
      "\(head)metadata: {name: a}\n---\n\(head)metadata: {name: a}",
      "5:1 there are two documents of the variables group `a`"
    ),
  ]

  @Test(arguments: bad)
  func `a document that is no group is told why`(text: String, problem: String) {
    let problems = Self.groups(text).1
    let told = problems.map { "\($0.location?.line ?? 0):\($0.location?.column ?? 0) \($0.message)" }
    #expect(told == [problem])
  }

  @Test func `no message about a secrets group shows a value`() {
    let text = """
      apiVersion: service-hub.planton.ai/v1
      kind: SecretsGroup
      metadata: {name: a}
      spec:
        entries:
          - {name: x, value: sesame-sesame, vlaue: sesame-sesame}
          - {name: x, value: sesame-sesame}
          - {name: y, value: {sesame-sesame: 1}}
      """
    let problems = Self.groups(text).1
    #expect(problems.count == 3)
    for problem in problems { #expect(!problem.json.text().contains("sesame-sesame")) }
  }
}
