package import References
import StackModel

/// A place where values are kept that references may stand for.
package protocol ReferenceSource: Sendable {
  /// As it is told to people, for example `vault https://vault.example.com`.
  var name: String { get }
  /// The kinds of groups that it is asked for.
  var kinds: Set<GroupKind> { get }

  /// Asks for one value. Called once for each reference in a command, several at a time.
  func look(up reference: GroupReference) async -> SourceAnswer
}

/// What a source says of a reference.
package enum SourceAnswer: Sendable {
  case found(String)
  /// It has nothing of that name, so the next source is asked.
  ///
  /// - Parameter known: what it has instead, as `<group>/<entry>`, as far as it is cheap to tell.
  case missing(known: [String])
  /// It could not be asked, or its answer could not be understood. No other source is asked then: a value from a
  /// later source would hide the fault.
  case failed(SourceFailure)
}

extension SourceAnswer {
  /// A member of what a source answered: a text as it is, all else as JSON writes it.
  static func member(_ key: String, of object: JSONObject, group: String) -> SourceAnswer {
    switch object[key] {
    case .string(let value)?: .found(value)
    case let value? where value != .null: .found(value.text())
    default: .missing(known: object.map { "\(group)/\($0.key)" })
    }
  }

  /// Bytes that a source answered with. Those that are no text are not made into another one.
  static func text(_ bytes: [UInt8], of place: String) -> SourceAnswer {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return .failed(SourceFailure(.refused, "\(place) holds bytes that are not UTF-8 text"))
    }
    return .found(text)
  }

  /// Without the newline that editors and tools put behind a value.
  var withoutFinalNewline: SourceAnswer {
    if case .found(let text) = self { .found(text.withoutFinalNewline) } else { self }
  }
}

/// Why a source gave no answer.
package struct SourceFailure: Error, Sendable, Hashable {
  package enum Kind: Sendable {
    /// It does not answer, or the tool that asks it is not there.
    case unavailable
    /// Credentials are missing or were refused.
    case credentials
    /// The answer is not what the settings promise.
    case refused
  }

  package var kind: Kind
  package var message: String
  package var hint: String?

  package init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// The code that a diagnostic has; it decides the exit code.
  var code: String {
    switch kind {
    case .unavailable: "platform.unavailable"
    case .credentials: "platform.credentials"
    case .refused: "reference.source"
    }
  }
}

/// A text of the settings with `{kind}`, `{group}` and `{entry}` in it.
struct Placeholders {
  var text: String

  /// - Parameter escape: for values that go into a place with a syntax of its own, such as a URL.
  func filled(_ reference: GroupReference, escape: (String) -> String = { $0 }) -> String {
    let values = [
      "{kind}": reference.kind == .secrets ? "secrets" : "variables", "{group}": reference.group,
      "{entry}": reference.entry,
    ]
    var result = ""
    var rest = text[...]
    // In one pass: a name that holds a placeholder is no placeholder.
    while let open = rest.firstIndex(of: "{") {
      result += rest[..<open]
      rest = rest[open...]
      if let (key, value) = values.first(where: { rest.hasPrefix($0.key) }) {
        result += escape(value)
        rest = rest.dropFirst(key.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result + rest
  }

  var hasGroup: Bool { text.contains("{group}") }
  var hasEntry: Bool { text.contains("{entry}") }
}

extension String {
  /// Without the newline that editors and tools put behind a value.
  var withoutFinalNewline: String {
    if hasSuffix("\r\n") || hasSuffix("\n") { return String(dropLast()) }
    return self
  }
}
