/// A place in a file that a person can open.
package struct SourceLocation: Sendable, Hashable, Comparable {
  /// The path as the user gave it, or `<stdin>`, or the flag a value came from.
  package var file: String
  /// From 1; 0 where the value has no line, such as a command-line flag.
  package var line: Int
  /// From 1, in Unicode scalars.
  package var column: Int

  package init(file: String, line: Int = 0, column: Int = 0) {
    self.file = file
    self.line = line
    self.column = column
  }

  package static func < (left: SourceLocation, right: SourceLocation) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

/// `file:line:column`, the form that editors and CI annotators turn into a link.
extension SourceLocation: CustomStringConvertible {
  package var description: String { line == 0 ? file : "\(file):\(line):\(column)" }
}
