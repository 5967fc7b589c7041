import Presentation
import StackModel
import Testing

struct SARIFTests {
  @Test func `problems become results of rules`() {
    let log = SARIF.render(
      [
        .error("a.b", "one", at: SourceLocation(file: "./my dir/é.yaml", line: 3, column: 7), path: "spec.x"),
        .warning("c.d", "two", at: SourceLocation(file: "<stdin>", line: 1, column: 1), hint: "do this"),
        Diagnostic(.info, code: "a.b", "three", at: SourceLocation(file: "/etc/x.yaml")),
      ],
      toolVersion: "0.1.0"
    )
    #expect(log["version"] == "2.1.0")
    let run = log["runs"]?[0]
    #expect(run?["tool"]?["driver"]?["rules"]?.array?.map { $0["id"] } == ["a.b", "c.d"])
    let results = run?["results"]?.array ?? []
    #expect(results.map { $0["level"]?.string } == ["error", "warning", "note"])
    #expect(results.map { $0["ruleIndex"]?.int } == [0, 1, 0])
    #expect(results.map { $0["message"]?["text"]?.string } == ["one", "two\ndo this", "three"])
    #expect(
      results[0]["locations"]?[0]?["physicalLocation"] == [
        "artifactLocation": ["uri": "my%20dir/%C3%A9.yaml"], "region": ["startLine": 3, "startColumn": 7],
      ]
    )
    #expect(results[0]["locations"]?[0]?["logicalLocations"]?[0]?["fullyQualifiedName"] == "spec.x")
    #expect(results[1]["locations"] == nil)
    #expect(
      results[2]["locations"]?[0]?["physicalLocation"] == ["artifactLocation": ["uri": "file:///etc/x.yaml"]]
    )
  }

  @Test func `no problem is an empty list of results`() {
    #expect(SARIF.render([], toolVersion: "1")["runs"]?[0]?["results"] == [])
  }
}
