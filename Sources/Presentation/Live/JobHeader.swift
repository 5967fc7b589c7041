import StackModel

/// The first lines: which job this is.
struct JobHeader {
  private var stack: StackID?
  private var operation = Operation.preview
  private var engine = EngineName.terraform
  private var manifest = ""
  private var version = ""
  var engineVersion: String?
  var target: ProviderTarget?

  init() {}

  init(stack: StackID, operation: Operation, engine: EngineName, manifest: String, version: String) {
    self.stack = stack
    self.operation = operation
    self.engine = engine
    self.manifest = manifest
    self.version = version
  }

  /// The lines, the first time; nothing later.
  mutating func take(_ style: Style) -> [String] {
    guard let stack else { return [] }
    self.stack = nil
    let engineName = engine.rawValue + (engineVersion.map { " \(SafeText.line($0))" } ?? "")
    return [
      "\(style.paint(operation.rawValue, .strong)) \(style.paint(stack.description, .info))",
      style.paint("  manifest  ", .dim) + SafeText.line(manifest),
      style.paint("  engine    ", .dim) + engineName
        + style.paint(", stackjob \(SafeText.line(version))", .dim),
    ] + (target.map { [line(of: $0, style)] } ?? [])
  }

  private func line(of target: ProviderTarget, _ style: Style) -> String {
    if target.isSandbox {
      return style.paint(
        "  sandbox   nothing here is real: \(SafeText.line(target.provider)) is played",
        .warning
      )
    }
    let how = [target.context.map { "context \($0)" }, target.user].compactMap(\.self).joined(separator: ", ")
    return style.paint("  cluster   ", .dim) + SafeText.line(target.target)
      + (how.isEmpty ? "" : style.paint("  (\(SafeText.line(how)))", .dim))
  }
}
