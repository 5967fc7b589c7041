import LocalFiles
import Testing

@testable import ProviderHost

#if canImport(Glibc)
  import Glibc
#endif

/// A pool whose guards are tasks of this process.
struct LocalSpares {
  let pool: SparePool
  /// Where guards have their folders.
  let home: String

  init(in folder: String, limit: Int = 1, idleSeconds: Int = 600) throws {
    let home = "\(folder)/pool"
    self.home = home
    pool = try #require(
      SparePool(limit: limit, folder: home, idleSeconds: idleSeconds) { input in
        let connection = fcntl(input, F_DUPFD_CLOEXEC, 3)
        Task { await SpareGuard.run(connection: connection, folder: home) }
        // Nobody's, so that a signal to it harms nobody.
        return Int(Int32.max)
      }
    )
  }

  /// What a job's process has.
  func source() -> SpareSource {
    pool.connecting { SpareSource(MessageSocket(descriptor: fcntl($0, F_DUPFD_CLOEXEC, 3))) }
  }

  static func until(_ isTrue: () throws -> Bool) async throws {
    while try !isTrue() { try await Task.sleep(for: .milliseconds(5)) }
  }

  func awaitSpare() async throws { try await Self.until { pool.numbers.ready == 1 } }

  func awaitNoFolder() async throws {
    try await Self.until { try !LocalFiles.exists(home) || LocalFiles.list(home).isEmpty }
  }
}
