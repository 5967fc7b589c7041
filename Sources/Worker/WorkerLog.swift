import JobRunner
package import JobSources
import StackModel

/// One JSON object a line, for whatever collects a service's standard error.
package struct WorkerLog: Sendable {
  private let write: @Sendable ([UInt8]) -> Void

  package init(write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

  package func write(_ level: String, _ message: String, _ claim: Claim? = nil) {
    var line = JSONObject([
      ("time", .string(WallClock.now().description)), ("level", .string(level)),
      ("message", .string(message)),
    ])
    if let claim {
      line["job"] = .string(claim.job.id)
      line["stack"] = .optional(claim.job.stack)
      line["attempt"] = .int(claim.job.attempts)
      line["token"] = .int(claim.token)
    }
    write(JSONValue.object(line).bytes() + [0x0A])
  }
}
