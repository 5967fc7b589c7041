import HTTPListening
import JobSources

/// What the server knows in a scene.
struct ServerState {
  struct Held {
    var call: Int
    /// Not before this, and no later than that.
    var from: Double
    var until: Double
    var answer: @Sendable (HTTPListener.Answer) -> Void
  }

  var script = Script()
  var calls: [Call] = []
  var held: [Held] = []
  var token = 40
  /// When something last came that the scene goes on by.
  var heard = 0.0
}
