import LocalFiles
import Testing

@testable import ProviderHost

@Suite("Pool of providers", .timeLimit(.minutes(5)))
struct ProviderPoolTests {
  private func launch(_ folder: String, name: String = "a") throws -> ProviderLaunch {
    let path = "\(folder)/provider"
    // Each start is noted.
    let script =
      "#!/bin/sh\necho $NAME >> '\(folder)/starts'\necho '1|5|unix|/tmp/nowhere|grpc|'\nexec sleep 1000\n"
    if !LocalFiles.exists(path) { try LocalFiles.replace(path, with: Array(script.utf8), mode: 0o755) }
    return ProviderLaunch(
      executable: path,
      identity: "h1:test",
      environment: ["PATH": "/usr/bin:/bin", "NAME": name],
      workingDirectory: folder
    )
  }

  private func starts(_ folder: String) -> [String] {
    (LocalFiles.text("\(folder)/starts") ?? "").split(separator: "\n").map(String.init)
  }

  private func end(_ processes: ProviderProcess...) async {
    for process in processes {
      process.kill()
      _ = await process.ended()
    }
  }

  @Test("Without a limit above zero a process is started for each that is taken")
  func onDemand() async throws {
    try await Scratch.folder { folder in
      let pool = try ProviderPool(limit: 0, folder: folder)
      let launch = try launch(folder)
      let (one, two) = (try await pool.take(launch), try await pool.take(launch))
      #expect(one.pid != two.pid && starts(folder) == ["a", "a"])
      await pool.close()
      await end(one, two)
    }
  }

  @Test("One that was started ahead is taken once, and one for another environment is not")
  func prestart() async throws {
    try await Scratch.folder { folder in
      let pool = try ProviderPool(limit: 0, folder: folder)
      let (a, b) = (try launch(folder), try launch(folder, name: "b"))
      pool.prestart(a)
      let other = try await pool.take(b)
      let one = try await pool.take(a)
      #expect(starts(folder).sorted() == ["a", "b"])
      let two = try await pool.take(a)
      #expect(one.pid != two.pid && starts(folder).sorted() == ["a", "a", "b"])
      await pool.close()
      await end(one, two, other)
    }
  }

  @Test("What is taken is replaced by another process")
  func refill() async throws {
    try await Scratch.folder { folder in
      let pool = try ProviderPool(limit: 1, folder: folder)
      let launch = try launch(folder)
      let one = try await pool.take(launch)
      let spare = try await pool.peek(launch)
      #expect(spare.pid != one.pid)
      let two = try await pool.take(launch)
      #expect(two.pid == spare.pid)
      await pool.close()
      // What was taken belongs to whoever took it; what was not is gone.
      #expect(!one.hasEnded && !two.hasEnded && starts(folder).count == 3)
      await end(one, two)
    }
  }

  @Test("Beyond the limit the one that has waited longest makes room")
  func limit() async throws {
    try await Scratch.folder { folder in
      let pool = try ProviderPool(limit: 1, folder: folder)
      let (a, b) = (try launch(folder), try launch(folder, name: "b"))
      let one = try await pool.take(a)
      let spare = try await pool.peek(a)
      let two = try await pool.take(b)
      _ = await spare.ended()
      await pool.close()
      await end(one, two)
    }
  }

  @Test("One that died while it waited is passed over")
  func dead() async throws {
    try await Scratch.folder { folder in
      let pool = try ProviderPool(limit: 0, folder: folder)
      let launch = try launch(folder)
      let spare = try await pool.peek(launch)
      await end(spare)
      let one = try await pool.take(launch)
      #expect(one.pid != spare.pid && !one.hasEnded)
      await pool.close()
      await end(one)
    }
  }

  @Test("A program that cannot be started is an error, and the next call tries again")
  func failure() async throws {
    try await Scratch.folder { folder in
      let pool = try ProviderPool(limit: 1, folder: folder)
      var launch = try launch(folder)
      launch.executable += "-none"
      for _ in 0..<2 {
        await #expect(throws: HostFailure.self) { try await pool.take(launch) }
        await #expect(throws: HostFailure.self) { try await pool.peek(launch) }
      }
      await pool.close()
    }
  }

  @Test("A pool without time left starts nothing that stays")
  func closed() async throws {
    try await Scratch.folder { folder in
      let pool = try ProviderPool(limit: 1, folder: folder)
      await pool.close()
      pool.prestart(try launch(folder))
      #expect(try LocalFiles.list(folder).filter { $0.hasPrefix("stackjob-") } == [])
    }
  }
}
