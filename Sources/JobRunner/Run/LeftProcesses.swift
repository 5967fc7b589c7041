import LocalFiles
package import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// The processes of a job that are still there though its stackjob is dead.
///
/// The lock names the engine, unless the supervisor died between starting it and writing that down. Its plugins no
/// file names. But all of them have the workspace's path in their environment.
package struct LeftProcesses: Sendable {
  package let engines: [ProcessIdentity]
  private let plugins: [ProcessIdentity]

  /// - Parameter recorded: the engine that the lock names.
  package static func find(workspace: String, recorded: ProcessIdentity?) -> LeftProcesses {
    var engines: [ProcessIdentity] = []
    var plugins: [ProcessIdentity] = []
    if let recorded, recorded.mayBeAlive { engines.append(recorded) }
    let marks = ["TF_CLI_CONFIG_FILE", "TMPDIR"].map { Array("\($0)=\(workspace)/".utf8) }
    for name in (try? LocalFiles.list("/proc")) ?? [] {
      guard let pid = Int(name), let environment = try? LocalFiles.read("/proc/\(pid)/environ"),
        environment.split(separator: 0).contains(where: { variable in
          marks.contains { variable.starts(with: $0) }
        }),
        let identity = ProcessIdentity.of(pid: pid), !engines.contains(identity)
      else { continue }
      // An engine leads its session; what it starts does not.
      if getsid(pid_t(pid)) == pid_t(pid) { engines.append(identity) } else { plugins.append(identity) }
    }
    return LeftProcesses(engines: engines, plugins: plugins)
  }

  /// Ends all that is left of a job whose engine has ended.
  func endAll() {
    for process in engines + plugins where process.mayBeAlive { kill(pid_t(process.pid), SIGKILL) }
  }

  /// Ends plugins that have lost their engine: nobody would learn what they still do.
  package func endPlugins() {
    guard engines.isEmpty else { return }
    for plugin in plugins where plugin.mayBeAlive { kill(pid_t(plugin.pid), SIGKILL) }
  }
}
