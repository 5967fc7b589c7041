/// The tables of `docs/aws-ecs-service.md`: each field, what it makes, and which manifests show it.
///
/// Read by two suites: one holds them against the schema and the manifests, the other against real plans.
package struct FieldTable: Sendable {
  package struct Row: Sendable {
    /// Paths as the document writes them: `spec.container.ports[].name`.
    package var fields: [String]
    package var makes: String
    /// Short names of manifests, and of test suites.
    package var shownBy: [String]
  }

  package private(set) var rows: [Row] = []

  private static let header = ["field", "makes", "shown by"]

  package init(markdown: String) {
    var isInside = false
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        isInside = false
        continue
      }
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
        .map { String($0.drop { $0 == " " }.trimmingSpacesAtEnd) }
      if cells == Self.header {
        isInside = true
      } else if isInside, cells.count == Self.header.count, cells[0] != "---" {
        rows.append(
          Row(fields: Self.quoted(cells[0]), makes: cells[1], shownBy: Self.quoted(cells[2]))
        )
      }
    }
  }

  /// What stands between backticks.
  static func quoted(_ text: String) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }
      .map { String($0.element) }
  }
}

extension FieldTable.Row {
  /// Types and addresses of resources that the field makes: `aws_lb`, `aws_lb.application`.
  package var resources: [String] { names(whereAbsent: false).filter { $0.hasPrefix("aws_") } }

  /// Those that are made only where the field is absent.
  package var resourcesWithout: [String] { names(whereAbsent: true).filter { $0.hasPrefix("aws_") } }

  /// Everything else the row names: arguments of resources, members of the container definition.
  package var arguments: [String] { names(whereAbsent: false).filter { !$0.hasPrefix("aws_") } }

  /// A clause that begins with "absent" says what happens without the field.
  private func names(whereAbsent: Bool) -> [String] {
    makes.split(separator: ";").map { $0.drop { $0 == " " } }
      .filter { $0.hasPrefix("absent") == whereAbsent }
      .flatMap { FieldTable.quoted(String($0)) }
  }
}

extension Substring {
  fileprivate var trimmingSpacesAtEnd: Substring {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
