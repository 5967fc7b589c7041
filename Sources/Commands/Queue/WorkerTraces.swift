import StackModel
import Traces
import Worker

/// A worker's traces, if the environment wants any.
enum WorkerTraces {
  /// What a worker that ends waits for its collector.
  static let lastSeconds = 5.0

  static func start(_ environment: [String: String], _ log: WorkerLog) -> TraceExporter? {
    let (settings, notes) = TraceSettings.read(environment, version: Version.text)
    for note in notes { log.write("warning", note) }
    guard let settings else { return nil }
    let exporter = TraceExporter(settings) { log.write("warning", $0) }
    exporter.start()
    return exporter
  }
}
