import StackModel
import Testing

@Suite struct ValueTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
      (951_868_800_000, "2000-03-01T00:00:00.000Z"), (1_709_210_096_250, "2024-02-29T12:34:56.250Z"),
      (-1, "1969-12-31T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ] as [(Int64, String)]
  )
  func `times are written as RFC 3339`(milliseconds: Int64, text: String) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
  }

  @Test func `a stack's name has four parts that could be folders`() throws {
    let stack = try #require(StackID(org: nil, env: "prod", kind: "K", name: "web"))
    #expect(stack.description == "default/prod/K/web")
    #expect(StackID("default/prod/K/web") == stack)
    for bad in ["..", ".hidden", "", "a/b", "a b", "ü", String(repeating: "a", count: 129)] {
      #expect(StackID(org: bad, env: "prod", kind: "K", name: "web") == nil, "\(bad)")
    }
    #expect(StackID("a/b/c") == nil)
  }

  @Test func `a secret shows nothing of itself`() {
    let secret = Secret("hunter2")
    #expect("\(secret)" == Secret.mask)
    #expect(String(reflecting: secret) == Secret.mask)
    #expect("\([secret])".contains("hunter2") == false)
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(dumped.contains("hunter2") == false)
    #expect(secret.reveal() == "hunter2")
  }

  @Test func `the nearest word is suggested and a far one is not`() {
    let words = ["listenerPort", "hostname", "enabled"]
    #expect(Suggestion.nearest(to: "listnerPort", among: words) == "listenerPort")
    #expect(Suggestion.nearest(to: "HOSTNAME", among: words) == "hostname")
    #expect(Suggestion.nearest(to: "enalbed", among: words) == "enabled")
    #expect(Suggestion.nearest(to: "replicas", among: words) == nil)
    #expect(Suggestion.nearest(to: String(repeating: "x", count: 10_000_000), among: words) == nil)
  }

  @Test func `diagnostics are sorted by place, those without one first`() {
    func at(_ line: Int?) -> Diagnostic {
      .error("c", "m", at: line.map { SourceLocation(file: "f", line: $0, column: 1) })
    }
    let sorted = [at(9), at(nil), at(2)].inReadingOrder()
    #expect(sorted.map { $0.location?.line } == [nil, 2, 9])
  }

  @Test func `a summary counts a replacement as one added and one removed`() {
    let changes = [PlannedChange.Action.create, .replace, .update, .delete, .noop, .read].map {
      PlannedChange(address: "a.b", type: "a", action: $0)
    }
    #expect(ChangeSummary(counting: changes) == ChangeSummary(add: 2, change: 1, remove: 2))
  }
}
