package import StackModel

/// A plan or a result as Markdown, fit to be a pull-request comment.
package enum PlanMarkdown {
  /// GitHub takes 65,536 characters; the rest is room for what a bot puts around it.
  package static let commentLimit = 65_536 - 1_536

  package static let fullPlan = "in the output of the job itself"

  /// A plan that was made.
  ///
  /// - Parameters:
  ///   - fullPlan: where all of it can be read, as the end of a sentence; Markdown.
  ///   - limit: characters, in UTF-16 units, that the text may have.
  package static func render(
    stack: StackID,
    operation: Operation,
    plan: PlanReady,
    changes: [PlannedChange],
    drift: [PlannedChange] = [],
    diagnostics: [EngineDiagnostic] = [],
    fullPlan: String = PlanMarkdown.fullPlan,
    limit: Int = PlanMarkdown.commentLimit
  ) -> String {
    var top = ["### \(title(stack, plan, operation, drift))"]
    top += lead(plan, operation, drift)
    top += DiagnosticMarkdown.parts(diagnostics)
    return MarkdownPage(
      top: top,
      sections: sections(changes, drift),
      bottom: plan.digest.map { ["Plan digest \(MarkdownEscape.code($0))"] } ?? [],
      fullPlan: fullPlan
    ).text(limit: limit)
  }

  /// A job that is over, whatever became of it.
  package static func render(
    _ record: JobRecord,
    fullPlan: String = PlanMarkdown.fullPlan,
    limit: Int = PlanMarkdown.commentLimit
  ) -> String {
    let isPlanOnly = record.applied == nil && (record.end?.result ?? .succeeded) == .succeeded
    if isPlanOnly, let stack = record.stack, let operation = record.operation, let plan = record.plan {
      return render(
        stack: stack,
        operation: operation,
        plan: plan,
        changes: record.changes,
        drift: record.drift,
        diagnostics: record.diagnostics,
        fullPlan: fullPlan,
        limit: limit
      )
    }
    return ResultMarkdown(record: record).page(fullPlan: fullPlan).text(limit: limit)
  }

  private static func title(
    _ stack: StackID,
    _ plan: PlanReady,
    _ operation: Operation,
    _ drift: [PlannedChange]
  ) -> String {
    let name = MarkdownEscape.code(stack.description)
    if operation == .drift || operation == .refresh {
      return "\(name): \(drift.isEmpty ? "no drift" : "\(counted(drift.count, "resource")) drifted")"
    }
    if !plan.hasChanges { return "\(name): no changes" }
    if plan.summary.isEmpty { return "\(name): \(counted(plan.outputChanges, "output")) to change" }
    return "\(name): \(plan.summary.planned)"
  }

  /// What the title does not say.
  private static func lead(_ plan: PlanReady, _ operation: Operation, _ drift: [PlannedChange]) -> [String] {
    guard plan.hasChanges, operation != .drift, operation != .refresh else {
      return [PlanSentence.text(plan, operation: operation, drifted: drift.count)]
    }
    switch operation {
    case .destroyPreview, .destroy: return ["This destroys what the stack holds."]
    default: return plan.summary.isEmpty ? ["No resource changes."] : []
    }
  }

  static func sections(_ changes: [PlannedChange], _ drift: [PlannedChange]) -> [MarkdownPage.Section] {
    let told = changes.filter(\.isWorthTelling)
    var sections: [MarkdownPage.Section] = []
    if !told.isEmpty { sections.append(ChangeMarkdown.section(title: "", told)) }
    if !drift.isEmpty {
      sections.append(ChangeMarkdown.section(title: "#### Changed outside of stackjob", drift))
    }
    return sections
  }
}
