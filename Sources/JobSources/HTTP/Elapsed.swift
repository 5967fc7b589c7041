/// Time since it was made, which no change of the clock touches.
struct Elapsed: Sendable {
  private let start = ContinuousClock.now

  var seconds: Double { start.duration(to: .now) / .seconds(1) }
}
