import PluginWire

/// The way from a resource to one value in it.
package struct AttributePath: Sendable, Hashable {
  package enum Step: Sendable, Hashable {
    case attribute(String)
    /// The key of a map's element.
    case key(String)
    /// The index of a list's element. The elements of a set have no way to them.
    case index(Int)
  }

  package var steps: [Step]

  package init(_ steps: [Step] = []) { self.steps = steps }

  package func appending(_ step: Step) -> AttributePath { AttributePath(steps + [step]) }

  func write(into writer: inout ProtobufWriter) {
    for step in steps {
      writer.message(1) {
        switch step {
        case .attribute(let name): $0.present(1, Array(name.utf8))
        case .key(let key): $0.present(2, Array(key.utf8))
        case .index(let index): $0.presentInt(3, index)
        }
      }
    }
  }
}

/// A problem that Terraform shows to its user.
package struct ProviderDiagnostic: Sendable, Hashable {
  package enum Severity: Int, Sendable { case error = 1, warning = 2 }

  package var severity: Severity
  package var summary: String
  package var detail: String
  package var path: AttributePath?

  package init(_ severity: Severity, _ summary: String, detail: String = "", path: AttributePath? = nil) {
    self.severity = severity
    self.summary = summary
    self.detail = detail
    self.path = path
  }

  package static func error(_ summary: String, detail: String = "", path: AttributePath? = nil) -> Self {
    ProviderDiagnostic(.error, summary, detail: detail, path: path)
  }

  func write(into writer: inout ProtobufWriter) {
    writer.int(1, severity.rawValue)
    writer.string(2, summary)
    writer.string(3, detail)
    if let path { writer.message(4, path.write) }
  }
}

extension [ProviderDiagnostic] {
  package var hasErrors: Bool { contains { $0.severity == .error } }

  func write(_ number: Int, into writer: inout ProtobufWriter) {
    for diagnostic in self { writer.message(number, diagnostic.write) }
  }
}
