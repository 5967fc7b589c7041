import LocalFiles
import StackModel

/// How much memory jobs take, learned from those that ran.
package struct MemoryBook {
  /// MiB by stack.
  private var peaks: [String: Int]
  private let path: String

  /// What a job is thought to take whose stack was never seen: an engine, and a large provider.
  package static let assumed = 512

  /// - Parameter path: where what is learned is kept for the next worker. Losing it does no harm.
  package init(path: String) {
    self.path = path
    let known = JSONValue.file(path)?.object ?? [:]
    peaks = Dictionary(known.compactMap { name, value in value.int.map { (name, $0) } }) { $1 }
  }

  package func estimate(_ stack: String?) -> Int { stack.flatMap { peaks[$0] } ?? Self.assumed }

  /// The newest counts, whether larger or smaller: a stack's resources come and go.
  package mutating func learn(_ stack: String?, peak: Int) {
    guard let stack, peak > 0, peaks[stack] != peak else { return }
    peaks[stack] = peak
    let json = JSONObject(peaks.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
    try? LocalFiles.replace(path, with: JSONValue.object(json).bytes(.pretty), durably: false)
  }

  /// Whether one more job may start beside those that run. A job alone may always: it would wait for ever.
  ///
  /// - Parameter running: what each takes or is expected to take, in MiB.
  package func fits(_ stack: String?, beside running: [Int], limit: Int) -> Bool {
    running.isEmpty || running.reduce(0, +) + estimate(stack) <= limit
  }
}
