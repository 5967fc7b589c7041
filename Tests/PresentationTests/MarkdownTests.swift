import Presentation
import StackModel
import Testing

struct MarkdownTests {
  @Test func `a plan over the limit is shortened and says so`() throws {
    let page = PlanMarkdown.render(Scripts.huge(resources: 300, attributes: 20).record)
    #expect(page.utf16.count <= PlanMarkdown.commentLimit)
    // It uses the room it has.
    #expect(page.utf16.count > PlanMarkdown.commentLimit - 3000)
    #expect(page.contains("### `acme/prod/AwsEcsService/checkout`: 300 to add, 0 to change, 0 to destroy"))
    #expect(page.contains("> Left out to fit: the details of 27"))
    #expect(page.contains("The full plan is in the output of the job itself."))
    #expect(page.contains("this[299]"))
    // The smallest details are the ones that stay, the earlier ones first.
    #expect(
      page.contains("<summary>+ create <code>module.many.aws_sqs_queue.this[0]</code></summary>")
    )
  }

  @Test func `rows are left out once the details are gone`() {
    let record = Scripts.huge(resources: 3000, attributes: 3).record
    let page = PlanMarkdown.render(record, fullPlan: "in [the job](https://ci.example/1)")
    #expect(page.utf16.count <= PlanMarkdown.commentLimit)
    #expect(!page.contains("<details>"))
    #expect(page.contains("the details of 3000 resources, "))
    #expect(page.contains("The full plan is in [the job](https://ci.example/1)."))
    #expect(page.contains("this[0]") && !page.contains("this[2999]"))
  }

  @Test func `a small limit is kept`() throws {
    let page = PlanMarkdown.render(Scripts.huge(resources: 12, attributes: 3).record, limit: 1200)
    #expect(page.utf16.count <= 1200)
    try Fixtures.expect(page, equals: "huge.md")
  }

  @Test func `a long list of problems is cut`() {
    let problems = (0..<50).map {
      EngineDiagnostic(
        severity: .error,
        summary: "problem \($0)",
        detail: String(repeating: "d", count: 9000)
      )
    }
    let page = PlanMarkdown.render(
      stack: Script.stack,
      operation: .preview,
      plan: PlanReady(summary: ChangeSummary(), digest: nil, outputChanges: 0),
      changes: [],
      diagnostics: problems
    )
    #expect(page.utf16.count <= PlanMarkdown.commentLimit)
    #expect(page.contains("… and 30 more."))
  }

  @Test func `even hostile messages keep the limit`() {
    let text = String(repeating: "|\u{1B}`<", count: 3000)
    let problems = (0..<30).map { _ in
      EngineDiagnostic(severity: .error, summary: text, detail: text, address: text, field: text)
    }
    let page = PlanMarkdown.render(
      stack: Script.stack,
      operation: .preview,
      plan: PlanReady(summary: ChangeSummary(add: 1), digest: nil, outputChanges: 0),
      changes: [Scripts.service],
      diagnostics: problems
    )
    #expect(page.utf16.count <= PlanMarkdown.commentLimit)
    #expect(page.hasPrefix("### `acme/prod/AwsEcsService/checkout`: 1 to add"))
    #expect(page.contains("messages. The full plan"))
  }
}
