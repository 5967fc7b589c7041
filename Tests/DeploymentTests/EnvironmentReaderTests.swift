import Deployment
import References
import StackModel
import Testing
import YAMLTree

/// Variables of a container, in all forms that manifests give them.
@Suite struct EnvironmentReaderTests {
  private func entries(
    _ text: String,
    references: [FieldPath: ReferenceValue] = [:],
    environment: [String: String] = [:]
  ) throws -> [EnvironmentEntry] {
    let tree = try #require(YAMLReader.read(Array(text.utf8), file: "a.yaml").documents.first)
    return EnvironmentReader(tree: tree, references: references, environment: environment).entries()
  }

  @Test func `variables come before secrets, of either kind of manifest`() throws {
    for path in ["container: {app: ", "container: {"] {
      let inner = "env: {secrets: {S: s}, variables: {A: a, N: 1}}"
      let found = try entries("spec: {\(path)\(path.hasSuffix("app: ") ? "{\(inner)}" : inner)}}\n")
      #expect(found.map(\.name) == ["A", "N", "S"])
      #expect(found.map(\.value) == [.text("a"), .text("1"), .secret(Secret("s"))])
      #expect(found.map(\.shownValue) == ["a", "1", "(sensitive)"])
    }
  }

  @Test func `lists by name, values below and our own environment are read`() throws {
    let text = """
      spec:
        container:
          app:
            env:
              variables:
                - name: A
                  value: a
                - name: F
                  fieldRef: {fieldPath: metadata.name}
              secrets:
                E: {env: OUTSIDE}
                M: {env: MISSING}
                K: {secretRef: {name: a, key: b}}

      """
    let found = try entries(text, environment: ["OUTSIDE": "o"])
    #expect(found.map(\.isMissing) == [false, true, false, true, true])
    #expect(
      found.map(\.source) == [
        "manifest", "fieldRef", "environment OUTSIDE", "environment MISSING", "secretRef",
      ]
    )
  }

  @Test func `references have the value that is known, or none`() throws {
    let text = """
      spec:
        container:
          env:
            variables: {A: $variables-group/g/a, B: $variables-group/g/b}
            secrets: {S: {value: $secrets-group/g/s}, R: "arn:aws:secretsmanager:eu-central-1:1:secret:x"}

      """
    let path = FieldPath(keys: "spec", "container", "env")
    let found = try entries(
      text,
      references: [
        path.appending(key: "variables").appending(key: "A"): .text("a"),
        path.appending(key: "secrets").appending(key: "S").appending(key: "value"): .secret(Secret("s")),
      ]
    )
    #expect(found.map(\.value.isKnown) == [true, false, true, false])
    #expect(found[1].status == EnvironmentReader.unresolved)
    #expect(found[3].status == "its value is kept in AWS", "an ARN is no value")
  }

  @Test func `what is set by hand takes a place or joins, and stays a secret`() throws {
    var found = try entries("spec: {container: {env: {variables: {A: a}, secrets: {S: s}}}}\n")
    found.set("S", to: "t")
    found.set("B", to: "b=c")
    #expect(found.map(\.value) == [.text("a"), .secret(Secret("t")), .text("b=c")])
    #expect(found.map(\.source) == ["manifest", "--set", "--set"])
  }
}

extension EnvironmentEntry.Value {
  fileprivate var isKnown: Bool { if case .missing = self { false } else { true } }
}
