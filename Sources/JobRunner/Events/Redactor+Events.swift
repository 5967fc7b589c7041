package import StackModel

extension Redactor {
  /// The same fact without secrets.
  package func redact(_ body: JobEvent.Body) -> JobEvent.Body {
    guard !isEmpty else { return body }
    switch body {
    case .jobStarted, .rolloutProgress, .phaseStarted, .phaseFinished, .toolFinished, .planReady, .applied,
      .stateSaved,
      .lockAcquired, .lockReleased, .approvalRequested:
      return body
    case .jobFinished(var end):
      end.reason = end.reason.map(redact)
      return .jobFinished(end)
    case .providerSelected(var target):
      target.target = redact(target.target)
      return .providerSelected(target)
    case .toolStarted(let tool, let version, let arguments, let pid):
      return .toolStarted(tool: tool, version: version, arguments: arguments.map(redact), pid: pid)
    case .diagnostic(let diagnostic): return .diagnostic(redact(diagnostic))
    case .resourcePlanned(let change): return .resourcePlanned(redact(change))
    case .resourceDrifted(let change): return .resourceDrifted(redact(change))
    case .resourceStarted(let step): return .resourceStarted(redact(step))
    case .resourceProgress(let step): return .resourceProgress(redact(step))
    case .resourceFinished(let step): return .resourceFinished(redact(step))
    case .resourceFailed(let step): return .resourceFailed(redact(step))
    case .output(var output):
      output.value = redact(output.value)
      return .output(output)
    case .approvalDecided(let approved, let person, let how):
      return .approvalDecided(approved: approved, by: redact(person), how: redact(how))
    case .interrupted(var interruption):
      interruption.message = redact(interruption.message)
      return .interrupted(interruption)
    case .log(let stream, let line): return .log(stream: stream, line: redact(line))
    }
  }

  private func redact(_ step: ResourceStep) -> ResourceStep {
    var step = step
    step.address = redact(step.address)
    step.id = step.id.map(redact)
    return step
  }

  private func redact(_ diagnostic: EngineDiagnostic) -> EngineDiagnostic {
    var diagnostic = diagnostic
    diagnostic.summary = redact(diagnostic.summary)
    diagnostic.detail = redact(diagnostic.detail)
    diagnostic.address = diagnostic.address.map(redact)
    diagnostic.references = diagnostic.references.map(redact)
    if let snippet = diagnostic.snippet {
      diagnostic.snippet = .init(file: snippet.file, line: snippet.line, code: redact(snippet.code))
    }
    return diagnostic
  }

  private func redact(_ change: PlannedChange) -> PlannedChange {
    var change = change
    change.address = redact(change.address)
    change.previousAddress = change.previousAddress.map(redact)
    change.importID = change.importID.map(redact)
    change.attributes = change.attributes.map { attribute in
      AttributeChange(
        path: redact(attribute.path),
        before: redact(attribute.before),
        after: redact(attribute.after),
        forcesReplacement: attribute.forcesReplacement
      )
    }
    return change
  }

  private func redact(_ value: AttributeChange.Value) -> AttributeChange.Value {
    if case .known(let known) = value { .known(redact(known)) } else { value }
  }
}
