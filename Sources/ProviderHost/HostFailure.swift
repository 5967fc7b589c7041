package import LocalFiles

/// Why the accelerated path cannot be taken, or cannot be gone on with.
package enum HostFailure: Error, Sendable, CustomStringConvertible {
  case file(FileError)
  /// The folder's name leaves no room for a Unix socket in it.
  case socketPathTooLong(String)
  case cannotListen(path: String, reason: String)
  case cannotStart(executable: String, reason: String)
  /// The process ended, or wrote something else, before it said where it listens.
  case noHandshake(executable: String, said: String)
  case cannotConnect(executable: String, reason: String)
  /// A call that we made ourselves was not answered.
  case noAnswer(source: String, method: String, reason: String)

  package var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .socketPathTooLong(let path): "\(path) is too long for a socket"
    case .cannotListen(let path, let reason): "cannot listen at \(path): \(reason)"
    case .cannotStart(let executable, let reason): "cannot start \(executable): \(reason)"
    case .noHandshake(let executable, let said): "\(executable) did not say where it listens: \(said)"
    case .cannotConnect(let executable, let reason): "cannot connect to \(executable): \(reason)"
    case .noAnswer(let source, let method, let reason): "\(source) did not answer \(method): \(reason)"
    }
  }
}
