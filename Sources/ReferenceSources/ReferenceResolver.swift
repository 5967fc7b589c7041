package import References
import StackModel

/// Asks sources in order for what stands behind references.
package struct ReferenceResolver: Sendable {
  package struct Found: Sendable, Hashable {
    package var value: ReferenceValue
    /// The name of the source that had it.
    package var source: String
  }

  package typealias Answers = [GroupReference: Result<Found, ReferenceFailure>]

  private let sources: [any ReferenceSource]

  package init(sources: [any ReferenceSource]) { self.sources = sources }

  /// Asks for each reference once, up to eight at a time.
  package func resolve(_ references: Set<GroupReference>) async -> Answers {
    var answers: Answers = [:]
    await withTaskGroup(of: (GroupReference, Result<Found, ReferenceFailure>).self) { group in
      var waiting = references.sorted { $0.description < $1.description }[...]
      for _ in 0..<Self.width {
        guard let next = waiting.popFirst() else { break }
        group.addTask { (next, await resolve(next)) }
      }
      for await (reference, answer) in group {
        answers[reference] = answer
        if let next = waiting.popFirst() { group.addTask { (next, await resolve(next)) } }
      }
    }
    return answers
  }

  private static let width = 8

  private func resolve(_ reference: GroupReference) async -> Result<Found, ReferenceFailure> {
    var known: [String] = []
    var asked: [String] = []
    for source in sources where source.kinds.contains(reference.kind) {
      switch await source.look(up: reference) {
      case .found(let text):
        let value = reference.kind == .secrets ? ReferenceValue.secret(Secret(text)) : .text(text)
        return .success(Found(value: value, source: source.name))
      case .missing(let names):
        known += names
        asked.append(source.name)
      case .failed(let failure):
        return .failure(
          ReferenceFailure(
            code: failure.code,
            message: "`\(reference)` cannot be asked of \(source.name): \(failure.message)",
            hint: failure.hint
          )
        )
      }
    }
    return .failure(missing(reference, known: known, asked: asked))
  }

  private func missing(_ reference: GroupReference, known: [String], asked: [String]) -> ReferenceFailure {
    guard !asked.isEmpty else {
      return ReferenceFailure(
        code: "reference.unresolved",
        message: "`\(reference)` is in a \(reference.kind.words), and no source is there for those",
        hint: "give the file that holds it (--references FILE), or a source in the settings (`references`)"
      )
    }
    let wanted = "\(reference.group)/\(reference.entry)"
    let places = "asked: \(asked.joined(separator: ", "))"
    let hint =
      Suggestion.nearest(to: wanted, among: known).map { "did you mean `\($0)`? \(places)" } ?? places
    let isGroupKnown = known.contains { $0.hasPrefix("\(reference.group)/") }
    return ReferenceFailure(
      code: isGroupKnown ? "reference.entry" : "reference.group",
      message: isGroupKnown
        ? "the \(reference.kind.words) `\(reference.group)` has no entry `\(reference.entry)`"
        : "no source has the entry `\(reference.entry)` of the \(reference.kind.words) `\(reference.group)`",
      hint: hint
    )
  }
}
