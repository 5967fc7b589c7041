import LocalFiles

#if canImport(Glibc)
  import Glibc
#endif

/// The folders of this machine that matter, from the environment and the place of the binary.
struct Locations: Sendable {
  var home: String
  /// State, journals, locks: `STACKJOB_STATE_HOME`, else `$XDG_STATE_HOME/stackjob`, else
  /// `~/.local/state/stackjob`.
  var stateHome: String
  /// `STACKJOB_CONFIG`, else `$XDG_CONFIG_HOME/stackjob/settings.yaml`, else
  /// `~/.config/stackjob/settings.yaml`.
  var settings: String
  /// True when the user named the settings file; then it must be there.
  var settingsAreNamed: Bool
  var dataHome: String?
  /// Folders that hold `templates/` and `providers/`, best first.
  var installation: [String]

  init(environment: [String: String], executable: String = Self.executablePath()) {
    // A variable that is set to nothing counts as not set, as the XDG rules have it.
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let home = value("HOME") ?? Self.accountHome() ?? "/"
    self.home = home
    // The engine works in a folder below it and is told of files there, so no relative path will do.
    stateHome = LocalFiles.absolute(
      value("STACKJOB_STATE_HOME") ?? value("XDG_STATE_HOME").map { "\($0)/stackjob" }
        ?? "\(home)/.local/state/stackjob"
    )
    let named = value("STACKJOB_CONFIG")
    settingsAreNamed = named != nil
    settings =
      named ?? value("XDG_CONFIG_HOME").map { "\($0)/stackjob/settings.yaml" }
      ?? "\(home)/.config/stackjob/settings.yaml"
    dataHome = value("XDG_DATA_HOME")
    installation = Self.installation(home: value("STACKJOB_HOME"), executable: executable)
  }

  /// Where kinds are searched, the user's own folders first.
  func templateRoots(flags: [String], settings: [String]) -> [String] {
    flags + settings + installation.map { "\($0)/templates" }
  }

  var providerRoots: [String] { installation.map { "\($0)/providers" } }

  /// `STACKJOB_HOME` alone if it is set. Else the binary's own folder and those above it that hold
  /// the data, and the usual place of an installed program's data.
  private static func installation(home: String?, executable: String) -> [String] {
    if let home { return [home] }
    var folders: [String] = []
    var folder = LocalFiles.parent(of: executable)
    while folder != "/" && folder != "." {
      folders += [folder, "\(folder)/share/stackjob"]
      folder = LocalFiles.parent(of: folder)
    }
    return folders.filter { LocalFiles.isFolder("\($0)/templates") && LocalFiles.isFolder("\($0)/providers") }
  }

  /// The home folder on record, for a service or a container that sets no `HOME`.
  private static func accountHome() -> String? {
    getpwuid(geteuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
  }

  static func executablePath() -> String { LocalFiles.absolute("/proc/self/exe") }
}

/// Our own environment, read once.
enum ProcessEnvironment {
  static func read() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let pointer = entry.pointee {
      let text = String(cString: pointer)
      if let equals = text.firstIndex(of: "=") {
        variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      entry += 1
    }
    return variables
  }
}
