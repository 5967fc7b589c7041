import Testing

@testable import Commands

@Suite struct WorkerSparesTests {
  @Test(
    "A worker keeps a provider for each job that runs at once, as far as memory goes",
    arguments: [
      (1, 16 << 30, 1), (8, 64 << 30, 4), (4, 4 << 30, 2), (4, 1 << 30, 0), (4, nil, 0),
    ] as [(Int, Int?, Int)]
  )
  func standard(concurrency: Int, available: Int?, spares: Int) {
    #expect(WorkerSpares.standard(concurrency: concurrency, available: available) == spares)
  }
}
