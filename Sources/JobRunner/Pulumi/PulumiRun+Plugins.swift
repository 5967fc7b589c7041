import Engines
import LocalFiles
import StackModel
import ToolProcess
import Translation

#if canImport(Glibc)
  import Glibc
#endif

/// Plugins that are given in folders are put into the home that Pulumi looks in, so that it asks no network for them.
extension PulumiRun {
  func installPlugins(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    guard job.flow.operation != .outputs else { return .succeeded }
    for plugin in pinnedPlugins where !LocalFiles.isFile("\(home)/\(plugin.executable)") {
      for place in adapter.tools.plugins {
        switch await install(plugin, from: place) {
        case .success(false): continue
        case .success(true): break
        case .failure(let failure):
          return failed(&outcome, failure, "The plugin \(plugin.folder) cannot be installed from \(place)")
        }
        break
      }
    }
    return .succeeded
  }

  private var home: String { "\(adapter.tools.home)/plugins" }

  private var pinnedPlugins: [PulumiPlugin] {
    let program = job.program.files.first { $0.path == PulumiTemplate.programFile }
    return program.flatMap { try? JSONValue(parsing: $0.bytes) }.map(PulumiPlugin.pinned) ?? []
  }

  /// - Returns: whether it was there.
  private func install(_ plugin: PulumiPlugin, from place: String) async -> Result<Bool, Failure> {
    for folder in plugin.folders(below: place) where LocalFiles.isFolder(folder) {
      return copy(folder, plugin)
    }
    let archive = "\(place)/\(plugin.archive)"
    guard LocalFiles.isFile(archive) else { return .success(false) }
    return await call(.installPlugin(plugin, file: archive)).map { _ in true }
  }

  /// Whole or not at all: other jobs look there too.
  private func copy(_ folder: String, _ plugin: PulumiPlugin) -> Result<Bool, Failure> {
    do throws(FileError) {
      try LocalFiles.makeFolder(home)
      try LocalFiles.exclusively(under: "\(adapter.tools.home)/plugins.guard", orThrow: { $0 }) {
        () throws(FileError) in
        guard !LocalFiles.isFile("\(home)/\(plugin.executable)") else { return }
        let unfinished = "\(adapter.tools.home)/unfinished-\(plugin.folder)"
        try LocalFiles.removeTree(unfinished)
        try Self.copyTree(folder, to: unfinished)
        try LocalFiles.removeTree("\(home)/\(plugin.folder)")
        try LocalFiles.rename(unfinished, to: "\(home)/\(plugin.folder)")
      }
      return .success(true)
    } catch {
      return .failure(Failure(exit: .failed, tool: .code(-1), text: error.description))
    }
  }

  private static func copyTree(_ source: String, to target: String) throws(FileError) {
    try LocalFiles.makeFolder(target)
    for name in try LocalFiles.list(source) {
      let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
      if LocalFiles.isFolder(from) {
        try copyTree(from, to: to)
      } else if Glibc.link(from, to) != 0 {
        // Another file system.
        try LocalFiles.create(to, with: try LocalFiles.read(from), durably: false)
        chmod(to, access(from, X_OK) == 0 ? 0o700 : 0o600)
      }
    }
  }
}
