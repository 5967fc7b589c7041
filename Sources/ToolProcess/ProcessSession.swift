#if canImport(Glibc)
  import Glibc
#endif

/// The processes of a session, whatever groups they have made.
///
/// Some engines put each plugin into a process group of its own. A session it cannot leave without meaning to: it is
/// inherited, and stays when the process that began it has gone.
enum ProcessSession {
  /// Kills all of a session.
  ///
  /// - Parameter leader: the pid that the session is named by.
  static func kill(leader: pid_t) {
    // A child may be started while we look: what is found again is killed again, until nothing is left.
    for _ in 0..<8 {
      let members = members(of: leader)
      if members.isEmpty { return }
      for pid in members { _ = Glibc.kill(pid, SIGKILL) }
    }
  }

  /// Kills what is left of a session whose leader has been reaped. While one is left its id stays taken; a leader that
  /// is there again is another session's.
  static func sweep(leader: pid_t) {
    if Glibc.kill(leader, 0) == 0 || errno == EPERM { return }
    kill(leader: leader)
  }

  private static func members(of leader: pid_t) -> [pid_t] {
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    var found: [pid_t] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard let pid = pid_t(name), getsid(pid) == leader, isRunning(pid) else { continue }
      found.append(pid)
    }
    return found
  }

  /// One that is dead and only waits to be reaped is no member that can be killed.
  private static func isRunning(_ pid: pid_t) -> Bool { ProcessIdentity.of(pid: Int(pid)) != nil }
}
