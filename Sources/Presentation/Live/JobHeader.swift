import StackModel

/// The first lines: which job this is.
struct JobHeader {
  private var stack: StackID?
  private var operation = Operation.preview
  private var engine = EngineName.terraform
  private var manifest = ""
  private var version = ""
  var engineVersion: String?

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
    ]
  }
}
