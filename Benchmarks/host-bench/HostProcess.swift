import LocalFiles
import PluginFakes
import StackModel

#if canImport(Glibc)
  import Glibc
#endif

/// This program again, as the process that holds the host.
struct HostProcess {
  /// Where it listens for Terraform.
  let socket: String
  private let pid: pid_t
  private let input: Int32

  init(executable: String, folder: String) throws {
    var (toChild, fromChild): ([Int32], [Int32]) = ([0, 0], [0, 0])
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw BenchError.noHost }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    // A copy of our end of its input would keep it from ever seeing the end.
    for end in toChild + fromChild { posix_spawn_file_actions_addclose(&actions, end) }
    let line = ["host-bench", "serve", executable, folder]
    let words: [UnsafeMutablePointer<CChar>?] = line.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    guard posix_spawn(&pid, "/proc/self/exe", &actions, nil, words, environ) == 0 else {
      throw BenchError.noHost
    }
    close(toChild[0])
    close(fromChild[1])
    self.pid = pid
    input = toChild[1]
    guard let stream = fdopen(fromChild[0], "r") else { throw BenchError.noHost }
    defer { fclose(stream) }
    var text: UnsafeMutablePointer<CChar>?
    var capacity = 0
    guard getline(&text, &capacity, stream) > 0, let text else { throw BenchError.noHost }
    defer { free(text) }
    let reattach = try JSONValue(parsing: String(cString: text))
    guard let socket = reattach[FakeProvider.source]?["Addr"]?["String"]?.string else {
      throw BenchError.noHost
    }
    self.socket = socket
  }

  /// A line of `/proc/<pid>/status`, in KiB.
  func memory(_ field: String) -> Int {
    for line in (LocalFiles.text("/proc/\(pid)/status") ?? "").split(separator: "\n")
    where line.hasPrefix(field) {
      return Int(line.filter(\.isNumber)) ?? 0
    }
    return 0
  }

  /// Ends it and waits until it is gone.
  func end() {
    close(input)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
  }
}
