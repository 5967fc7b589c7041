package import References

/// Variables of the environment: `<prefix><GROUP>_<ENTRY>`, everything but letters and digits an underscore.
package struct EnvironmentSource: ReferenceSource {
  package let name: String
  package let kinds: Set<GroupKind>
  private let prefix: String
  private let environment: [String: String]

  package init(name: String, kinds: Set<GroupKind>, prefix: String, environment: [String: String]) {
    self.name = name
    self.kinds = kinds
    self.prefix = prefix
    self.environment = environment
  }

  package static func variable(_ reference: GroupReference, prefix: String) -> String {
    let words = "\(reference.group)_\(reference.entry)".unicodeScalars.map { scalar -> Character in
      switch scalar {
      case "a"..."z": Character(Unicode.Scalar(UInt8(scalar.value) - 32))
      case "A"..."Z", "0"..."9": Character(scalar)
      default: "_"
      }
    }
    return prefix + String(words)
  }

  package func look(up reference: GroupReference) async -> SourceAnswer {
    if let value = environment[Self.variable(reference, prefix: prefix)] { return .found(value) }
    // Names of variables say nothing of where a group ends, so there is nothing to suggest.
    return .missing(known: [])
  }
}
