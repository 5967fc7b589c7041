@preconcurrency import Dispatch

#if canImport(Glibc)
  import Glibc
#endif

/// Wakes a worker when a file comes into one of some folders, or a child of ours ends.
///
/// inotify sees only what is done on this machine: on a shared file system, and where the kernel has no watch left,
/// the worker's own pauses have to do.
package final class ChangeWatch: Sendable {
  private let sources: [any DispatchSourceProtocol]
  /// Whether folders are watched.
  package let seesFolders: Bool

  package init(folders: [String], waker: Waker) {
    let queue = DispatchQueue(label: "stackjob.changes")
    var sources: [any DispatchSourceProtocol] = []
    // A handled signal: the standard reaction to it, none, would keep it from being seen.
    signal(SIGCHLD) { _ in }
    let children = DispatchSource.makeSignalSource(signal: SIGCHLD, queue: queue)
    children.setEventHandler { waker.wake() }
    sources.append(children)
    let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    if descriptor >= 0 {
      let mask = UInt32(IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE)
      seesFolders = folders.map { inotify_add_watch(descriptor, $0, mask) >= 0 }.allSatisfy { $0 }
      let changes = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
      changes.setEventHandler {
        // What has changed the worker finds out by looking.
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        while read(descriptor, &bytes, bytes.count) > 0 {}
        waker.wake()
      }
      changes.setCancelHandler { close(descriptor) }
      sources.append(changes)
    } else {
      seesFolders = false
    }
    for source in sources { source.activate() }
    self.sources = sources
  }

  deinit { for source in sources { source.cancel() } }
}
