import Digests

/// The ids of a job's trace and of its spans.
///
/// All of them follow from what every worker of the job knows, so that attempts that several workers follow, or take over
/// from each other, are parts of one trace without anything being passed on.
package struct TraceIdentity: Sendable {
  /// 32 hexadecimal digits.
  package let trace: String

  /// - Parameters:
  ///   - submitted: when the job was submitted, as its record says.
  ///   - rerun: when it was asked to run once more, which is another trace.
  package init(job: String, submitted: String, rerun: String?) {
    trace = Self.hash(["stackjob trace", job, submitted] + (rerun.map { [$0] } ?? []), digits: 32)
  }

  /// 16 hexadecimal digits.
  package var job: String { span("job") }

  package func attempt(_ number: Int) -> String { span("attempt", String(number)) }

  /// - Parameter index: which phase of the attempt, from 0.
  package func phase(_ index: Int, of attempt: Int) -> String {
    span("phase", String(attempt), String(index))
  }

  private func span(_ parts: String...) -> String { Self.hash([trace] + parts, digits: 16) }

  private static func hash(_ parts: [String], digits: Int) -> String {
    String(SHA256.digest(of: Array(parts.joined(separator: "\n").utf8)).prefix(digits))
  }
}
