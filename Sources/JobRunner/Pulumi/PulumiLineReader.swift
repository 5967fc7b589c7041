import Engines
import StackModel
import Synchronization
import ToolProcess

/// Turns the lines of one command of Pulumi into events, and keeps what the caller asks about afterwards.
final class PulumiLineReader: Sendable {
  /// What planned steps become.
  enum Planned: Sendable {
    case told
    /// They have been told.
    case dropped
    /// What a refresh finds is drift.
    case drift
  }

  struct Collected {
    var planned: [PlannedChange] = []
    var drift: [PlannedChange] = []
    var diagnostics: [EngineDiagnostic] = []
    /// The engine's own count and result; nil when it was killed, or never began.
    var summary: PulumiMessage.Summary?
    var standardError = ""
    /// What the language host said of a program that it cannot run.
    var complaints: [String] = []
    /// A line of events was too long to be kept whole: something that it tells is not known.
    var isCut = false
  }

  private static let mostText = 64 << 10

  private let journal: Journal
  private let trace: @Sendable (EngineDiagnostic) -> EngineDiagnostic
  private let planned: Planned
  private let state = Mutex(Collected())

  init(
    journal: Journal,
    trace: @escaping @Sendable (EngineDiagnostic) -> EngineDiagnostic,
    planned: Planned
  ) {
    self.journal = journal
    self.trace = trace
    self.planned = planned
  }

  var collected: Collected { state.withLock { $0 } }

  func read(_ line: OutputLine) {
    guard line.line.droppedBytes == 0 else {
      if line.stream == .stdout { state.withLock { $0.isCut = true } }
      let beginning = line.line.bytes.prefix(Self.mostText)
      let rest = line.line.bytes.count - beginning.count + line.line.droppedBytes
      journal.append(
        .log(
          stream: line.stream.rawValue,
          line: String(decoding: beginning, as: UTF8.self) + "… [\(rest) more bytes in this line]"
        )
      )
      return
    }
    let text = line.line.text
    if line.stream == .stderr {
      state.withLock { state in
        if state.standardError.utf8.count < Self.mostText { state.standardError += text + "\n" }
      }
    }
    if planned == .drift, text.contains("\"resOutputsEvent\""), let change = PulumiStep(line: text)?.drift {
      state.withLock { $0.drift.append(change) }
      journal.append(.resourceDrifted(change))
      return
    }
    switch PulumiMessage(line: text, stream: line.stream.rawValue) {
    case .event(let body): record(body, line: text)
    case .summary(let summary): state.withLock { $0.summary = summary }
    case .ended, .nothing: break
    }
  }

  private func record(_ body: JobEvent.Body, line: String) {
    switch body {
    case .diagnostic(let diagnostic):
      let traced = trace(diagnostic)
      state.withLock { $0.diagnostics.append(traced) }
      journal.append(.diagnostic(traced))
    case .resourcePlanned(var change):
      // What is only read or compared is no change.
      guard planned == .told || planned == .dropped, change.action != .read, change.action != .noop else {
        return
      }
      change.attributes = PulumiStep(line: line)?.attributes ?? []
      state.withLock { [change] in $0.planned.append(change) }
      if planned == .told { journal.append(.resourcePlanned(change)) }
    case .log("stderr", let text) where text.hasPrefix("Error: "):
      state.withLock { $0.complaints.append(String(text.dropFirst("Error: ".count))) }
      journal.append(body)
    default: journal.append(body)
    }
  }
}
