package import LocalFiles

#if canImport(Glibc)
  import Glibc
#endif

/// Starts a supervisor that outlives us: in a session of its own, with files for its output.
package enum SupervisorLaunch {
  /// `POSIX_SPAWN_SETSID` and `POSIX_SPAWN_SETSIGMASK`; the first is no constant that Swift gets to see.
  private static let flags: Int16 = 0x80 | 0x08

  /// - Returns: its pid. It is our child; see ``reap()``.
  package static func start(
    executable: String,
    arguments: [String],
    output: String,
    error: String
  ) throws(FileError) -> Int {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, flags)
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for (number, path) in [(STDOUT_FILENO, output), (STDERR_FILENO, error)] {
      posix_spawn_file_actions_addopen(&files, number, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    }
    var argv = ([executable] + arguments).map { strdup($0) } + [nil]
    defer { for text in argv { free(text) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, executable, &files, &attributes, &argv, environ)
    guard code == 0 else { throw FileError("start", executable, code: code) }
    return Int(pid)
  }

  /// Gives the system back what is left of children that have ended.
  package static func reap() { while waitpid(-1, nil, WNOHANG) > 0 {} }
}
