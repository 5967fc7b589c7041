import CSpawn
package import LocalFiles

#if canImport(Glibc)
  import Glibc
#endif

/// Starts a process of ours that outlives us: in a session of its own, with files for its output.
package enum SupervisorLaunch {
  /// - Parameter input: copied for its standard input, which is empty where this is negative.
  /// - Returns: its pid. It is our child; see ``reap()``.
  package static func start(
    executable: String,
    arguments: [String],
    folder: String,
    input: Int32 = -1,
    output: String,
    error: String
  ) throws(FileError) -> Int {
    let argv = ([executable] + arguments).map { strdup($0) } + [nil]
    defer { for text in argv { free(text) } }
    var pid: pid_t = 0
    let code = stackjob_spawn_apart(executable, argv, environ, folder, input, output, error, &pid)
    guard code == 0 else { throw FileError("start", executable, code: code) }
    return Int(pid)
  }

  /// Gives the system back what is left of children that have ended.
  package static func reap() { while waitpid(-1, nil, WNOHANG) > 0 {} }
}
