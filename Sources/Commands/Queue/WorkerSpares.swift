import LocalFiles
import ProviderHost
import Worker

/// How many started providers a worker keeps for jobs to come.
enum WorkerSpares {
  /// A machine that has little memory free keeps none.
  static let memoryShare = 8
  static let most = 4

  /// By default one for each job that may run at once, as far as an eighth of the free memory goes.
  ///
  /// - Parameter available: in bytes; nil when nobody knows.
  static func standard(concurrency: Int, available: Int?) -> Int {
    min(concurrency, most, (available ?? 0) / memoryShare / ProviderPool.processMemory)
  }

  /// - Parameter number: what the user wants; nil for the default.
  static func open(
    _ number: Int?,
    concurrency: Int,
    executable: String,
    stateHome: String
  ) -> SparePool? {
    let folder = "\(stateHome)/pool"
    let limit = number ?? standard(concurrency: concurrency, available: availableMemory())
    return SparePool(limit: limit, folder: folder) { input in
      try? SupervisorLaunch.start(
        executable: executable,
        arguments: ["provider-spare", folder],
        folder: "/",
        input: input,
        output: "/dev/null",
        error: "/dev/null"
      )
    }
  }

  /// What can be used without swapping, in bytes.
  private static func availableMemory() -> Int? {
    let line = LocalFiles.text("/proc/meminfo")?.split(separator: "\n").first {
      $0.hasPrefix("MemAvailable:")
    }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
  }
}
