package import StackModel

/// What a stack is called there: Pulumi takes up to 100 letters, digits, `_`, `-` and `.`, and finds the state by it.
package enum PulumiStackName {
  private static let longest = 100

  /// `org.env.name`; the kind is the project's. Where a part has a dot itself or the whole is too long, a name without
  /// dots that ends with a digest, so that no two stacks ever share one.
  ///
  /// - Parameter digest: of a text, in hexadecimal.
  package static func of(_ stack: StackID, digest: (String) -> String) -> String {
    let parts = [stack.org, stack.env, stack.name]
    let name = parts.joined(separator: ".")
    if name.utf8.count <= longest, parts.allSatisfy({ !$0.contains(".") }) { return name }
    let readable = String(name.map { $0 == "." ? "_" : $0 }.prefix(70))
    return "\(readable)-\(digest(parts.joined(separator: "/")).prefix(16))"
  }

  package static func project(_ stack: StackID) -> String { "stackjob-\(stack.kind)" }
}
