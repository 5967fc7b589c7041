/// The name of a stack, the thing with state: `<org>/<env>/<kind>/<name>`.
///
/// It never changes once the stack is created, because state is found by it.
package struct StackID: Sendable, Hashable {
  package var org: String
  package var env: String
  package var kind: String
  package var name: String

  /// What stands for an organization or environment that the manifest leaves out.
  package static let unnamed = "default"

  /// Nil when a part could not be a folder name: letters, digits, `.`, `_` and `-`, not starting with
  /// a dot, at most 128 characters.
  package init?(org: String?, env: String?, kind: String, name: String) {
    self.org = org ?? Self.unnamed
    self.env = env ?? Self.unnamed
    self.kind = kind
    self.name = name
    guard parts.allSatisfy(Self.isLegal) else { return nil }
  }

  /// Reads the written form.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4 else { return nil }
    self.init(org: parts[0], env: parts[1], kind: parts[2], name: parts[3])
  }

  package var parts: [String] { [org, env, kind, name] }

  package static func isLegal(_ part: String) -> Bool {
    !part.isEmpty && part.utf8.count <= 128 && part.first != "."
      && part.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}

extension StackID: CustomStringConvertible {
  package var description: String { "\(org)/\(env)/\(kind)/\(name)" }
}
