package import StackModel

#if canImport(Glibc)
  import Glibc
#endif

/// A process that can be told apart from a later one with the same pid.
///
/// Written beside a lock, it lets the next reader prove that the holder is dead: another boot of the
/// same machine, no such pid, or a pid that was started at another time. Of a process on another
/// machine or in another pid namespace nothing can be proved from here.
package struct ProcessIdentity: Sendable, Hashable {
  package var pid: Int
  /// Clock ticks after boot at which it started; field 22 of `/proc/<pid>/stat`.
  package var startTicks: Int
  /// The kernel's id of this boot.
  package var bootID: String
  /// The machine and its pid namespace: where the pid means anything.
  package var place: String

  package init(pid: Int, startTicks: Int, bootID: String, place: String) {
    self.pid = pid
    self.startTicks = startTicks
    self.bootID = bootID
    self.place = place
  }

  /// The process with that pid, or nil when there is none.
  package static func of(pid: Int) -> ProcessIdentity? {
    guard case .running(let ticks) = look(pid: pid) else { return nil }
    return ProcessIdentity(
      pid: pid,
      startTicks: ticks,
      bootID: currentBootID(),
      place: currentPlace()
    )
  }

  package static func current() -> ProcessIdentity {
    let pid = Int(getpid())
    return of(pid: pid)
      ?? ProcessIdentity(pid: pid, startTicks: 0, bootID: currentBootID(), place: currentPlace())
  }

  /// False only when the process provably no longer runs.
  package var mayBeAlive: Bool {
    guard place == Self.currentPlace() else { return true }
    guard bootID == Self.currentBootID() else { return false }
    switch Self.look(pid: pid) {
    case .running(let ticks): return ticks == startTicks
    case .gone: return false
    case .hidden: return true
    }
  }

  /// Whether there is no such process here; a number that can be no pid is none.
  package static func isGone(pid: Int) -> Bool {
    guard pid > 0, pid <= Int(Int32.max) else { return false }
    if case .gone = look(pid: pid) { return true }
    return false
  }

  /// The name that this machine gives itself.
  package static var hostName: String { String(currentPlace().prefix { $0 != " " }) }

  /// Whether the pid means something to us.
  package var isHere: Bool { place == Self.currentPlace() && bootID == Self.currentBootID() }

  private enum Look {
    case running(startTicks: Int)
    /// There is none, or only its exit status waits to be read.
    case gone
    /// There may be one that we are not let to see.
    case hidden
  }

  private static func look(pid: Int) -> Look {
    guard let text = readSmallFile("/proc/\(pid)/stat") else {
      return kill(pid_t(pid), 0) == 0 || errno == EPERM ? .hidden : .gone
    }
    // The second field is the program's name in parentheses and may itself hold spaces and
    // parentheses, so count from the last one.
    guard let close = text.lastIndex(of: ")") else { return .hidden }
    let fields = text[text.index(after: close)...].split(separator: " ")
    guard fields.count > 19, let ticks = Int(fields[19]) else { return .hidden }
    return fields[0] == "Z" || fields[0] == "X" ? .gone : .running(startTicks: ticks)
  }

  private static func currentBootID() -> String {
    let text = readSmallFile("/proc/sys/kernel/random/boot_id") ?? ""
    return String(text.prefix { !$0.isNewline })
  }

  private static func currentPlace() -> String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let machine = (readSmallFile("/etc/machine-id") ?? "").prefix { !$0.isNewline }
    var info = stat()
    let namespace = stat("/proc/self/ns/pid", &info) == 0 ? String(info.st_ino) : ""
    return "\(host) \(machine) \(namespace)"
  }

  private static func readSmallFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
  }
}

extension ProcessIdentity {
  package var json: JSONValue {
    [
      "pid": .int(pid), "start_ticks": .int(startTicks), "boot_id": .string(bootID),
      "place": .string(place),
    ]
  }

  package init?(json: JSONValue?) {
    // A number that is no pid would ask about whole groups of processes, or trap.
    guard let pid = json?["pid"]?.int, pid > 0, pid <= Int(Int32.max),
      let ticks = json?["start_ticks"]?.int, let boot = json?["boot_id"]?.string,
      let place = json?["place"]?.string
    else { return nil }
    self.init(pid: pid, startTicks: ticks, bootID: boot, place: place)
  }
}
