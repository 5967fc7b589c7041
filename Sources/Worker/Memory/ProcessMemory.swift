import LocalFiles

#if canImport(Glibc)
  import Glibc
#endif

/// The resident memory of processes with all that they have started.
struct ProcessMemory {
  private var children: [Int: [Int]] = [:]
  private var pages: [Int: Int] = [:]

  /// One look at all processes that may be seen.
  init() {
    for name in (try? LocalFiles.list("/proc")) ?? [] {
      guard let pid = Int(name), let stat = LocalFiles.text("/proc/\(pid)/stat"),
        let close = stat.lastIndex(of: ")")
      else { continue }
      let fields = stat[stat.index(after: close)...].split(separator: " ")
      guard fields.count > 21, let parent = Int(fields[1]), let resident = Int(fields[21]) else { continue }
      children[parent, default: []].append(pid)
      pages[pid] = resident
    }
  }

  /// In MiB. Pages that processes share count for each of them.
  func ofTree(_ root: Int) -> Int {
    var waiting = [root]
    var sum = 0
    while let pid = waiting.popLast() {
      sum += pages[pid] ?? 0
      waiting += children[pid] ?? []
    }
    return (sum * sysconf(Int32(_SC_PAGESIZE))) >> 20
  }
}
