import LocalFiles
import StackModel

#if canImport(Glibc)
  import Glibc
#endif

/// What GitHub Actions shows of a job beside its log: the summary page and annotations of lines.
struct GitHubReport {
  let environment: [String: String]

  /// - Parameter failures: tasks that failed, why, and the messages of their jobs.
  func report(markdown: String, failures: [(task: String, reason: String?, diagnostics: [EngineDiagnostic])])
  {
    if let path = environment["GITHUB_STEP_SUMMARY"], !path.isEmpty { append(markdown, to: path) }
    guard environment["GITHUB_ACTIONS"] == "true" else { return }
    for (task, reason, diagnostics) in failures {
      let errors = diagnostics.filter { $0.severity == .error }
      if errors.isEmpty { annotate(title: task, message: reason ?? "the deployment failed", at: nil) }
      for error in errors {
        annotate(title: "\(task): \(error.summary)", message: error.detail, at: error.location)
      }
    }
  }

  /// Problems found before anything started.
  func annotate(_ diagnostics: [Diagnostic]) {
    guard environment["GITHUB_ACTIONS"] == "true" else { return }
    for diagnostic in diagnostics where diagnostic.severity == .error {
      let path = diagnostic.path.map { "\($0): " } ?? ""
      annotate(title: diagnostic.code, message: path + diagnostic.message, at: diagnostic.location)
    }
  }

  /// On standard error: standard output may be a document.
  private func annotate(title: String, message: String, at location: SourceLocation?) {
    Console.note("::error \(Self.properties(title: title, at: location))::\(Self.escape(message))\n")
  }

  static func properties(title: String, at location: SourceLocation?) -> String {
    var parts: [String] = []
    if let location {
      parts.append("file=\(escapeProperty(location.file))")
      if location.line > 0 { parts += ["line=\(location.line)", "col=\(location.column)"] }
    }
    parts.append("title=\(escapeProperty(title))")
    return parts.joined(separator: ",")
  }

  /// A line break would end the command, and what follows could be one of its own.
  static func escape(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  static func escapeProperty(_ text: String) -> String {
    escape(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }

  /// The page is added to by every step; what others wrote stays.
  private func append(_ text: String, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      Console.note("the step summary \(path) cannot be written\n")
      return
    }
    defer { close(descriptor) }
    try? LocalFiles.write(Array((text + "\n").utf8), to: descriptor, path: path)
  }
}
