/// The value of the label `planton.ai/git-branch`: which branches an overlay is deployed from.
///
/// `*` stands for any number of characters, `/` among them, `?` for exactly one; all else for itself. The
/// whole name is compared, case and all.
package struct BranchPattern: Sendable, Hashable {
  package static let label = "planton.ai/git-branch"

  package var text: String

  package init(_ text: String) { self.text = text }

  package func matches(_ branch: String) -> Bool {
    let (pattern, name) = (Array(text.unicodeScalars), Array(branch.unicodeScalars))
    var (p, n) = (0, 0)
    // Where to go on when what followed the last star did not fit: the star takes one more character.
    var retry: (p: Int, n: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        retry = (p + 1, n)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == name[n] {
        p += 1
        n += 1
      } else if let last = retry {
        retry = (last.p, last.n + 1)
        (p, n) = (last.p, last.n + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }

  /// Why no branch can ever match, as a sentence; nil for a pattern that one can.
  package var flaw: (message: String, hint: String)? {
    let form = "`*` stands for any characters, `?` for one, all else for itself"
    if text.isEmpty { return ("the branch label is empty, and no branch is called that", form) }
    // What git refuses in the name of a branch, less the two that mean something here.
    let never: Set<Unicode.Scalar> = ["[", "~", "^", ":", "\\"]
    if let scalar = text.unicodeScalars.first(where: {
      never.contains($0) || $0.value < 0x20 || $0 == "\u{7F}"
    }) {
      let shown = scalar.value < 0x20 || scalar == "\u{7F}" ? "a control character" : "`\(scalar)`"
      return ("the branch label holds \(shown), which no branch name has", form)
    }
    if text.unicodeScalars.contains(" ") {
      return (
        "the branch label holds a space, which no branch name has", "a label holds one pattern; spaces count"
      )
    }
    if text.hasPrefix("refs/") {
      return ("the branch label begins with `refs/`", "write the branch's name alone, for example main")
    }
    return nil
  }
}
