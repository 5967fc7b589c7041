import StackModel

/// A job that changed something or failed, as Markdown.
struct ResultMarkdown {
  let record: JobRecord

  private static let outputLimit = 500
  private static let mostOutputs = 50

  func page(fullPlan: String) -> MarkdownPage {
    MarkdownPage(
      top: ["### \(title)"] + lead + DiagnosticMarkdown.parts(record.diagnostics) + outputs,
      // Once it is done, what was planned is of interest only where it went wrong.
      sections: record.end?.result == .succeeded ? [] : PlanMarkdown.sections(record.changes, record.drift),
      bottom: state,
      fullPlan: fullPlan
    )
  }

  private var title: String {
    let name = MarkdownEscape.code(record.stack?.description ?? "job")
    let operation = record.operation?.rawValue ?? "job"
    let result = record.end?.result.rawValue ?? "without a result"
    let counts = record.applied.map { ", \($0.done)" } ?? ""
    return "\(name): \(operation) \(result)\(counts)"
  }

  private var lead: [String] {
    var sentences: [String] = []
    if let end = record.end {
      if let reason = end.reason {
        sentences.append(MarkdownEscape.prose(TextWidth.clip(reason, to: 400)) + ".")
      }
      sentences.append("Exit code \(end.exitCode.rawValue) after \(DurationText.of(end.seconds)).")
    }
    if let plan = record.plan, record.end?.result != .succeeded {
      sentences.append(PlanSentence.text(plan, operation: record.operation, drifted: record.drift.count))
    }
    return sentences.isEmpty ? [] : [sentences.joined(separator: " ")]
  }

  private var outputs: [String] {
    guard !record.outputs.isEmpty else { return [] }
    let rows = record.outputs.prefix(Self.mostOutputs).map { output in
      "| \(MarkdownEscape.code(output.name)) | \(value(output)) |"
    }
    let rest = record.outputs.count - rows.count
    return [(["| Output | Value |", "|---|---|"] + rows).joined(separator: "\n")]
      + (rest > 0 ? ["… and \(counted(rest, "more output"))."] : [])
  }

  private func value(_ output: StackOutput) -> String {
    if output.isSensitive { return ValueText.sensitive }
    let text = output.value.string.map { TextWidth.clip($0, to: Self.outputLimit) }
    return MarkdownEscape.code(text ?? ValueText.inline(output.value, limit: Self.outputLimit))
  }

  private var state: [String] {
    var parts: [String] = []
    if let serial = record.end?.stateSerial ?? record.savedSerial { parts.append("State serial \(serial)") }
    switch record.end?.lockReleased {
    case true?: parts.append("lock released")
    case false?: parts.append("lock not released")
    case nil: break
    }
    if let journal = record.journal, record.end?.result != .succeeded {
      parts.append("journal \(MarkdownEscape.code(journal))")
    }
    return parts.isEmpty ? [] : [parts.joined(separator: ", ")]
  }
}
