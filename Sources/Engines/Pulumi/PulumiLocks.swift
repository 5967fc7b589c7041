package import LocalFiles
import StackModel

/// The locks on one stack in a folder that is Pulumi's backend.
package struct PulumiLocks: Sendable {
  /// Who made a lock, as far as Pulumi writes it down.
  package struct Holder: Sendable, Equatable {
    package var path: String
    package var pid: Int
    package var user: String
    package var host: String
    package var since: String

    package var description: String { "\(user)@\(host), process \(pid), since \(since)" }
  }

  package enum Entry: Sendable, Equatable {
    case held(Holder)
    /// A file that cannot be understood: somebody's lock all the same.
    case unreadable(path: String)
  }

  private let folder: String

  /// - Parameter root: the backend's folder.
  package init(root: String, project: String, stack: String) {
    folder = "\(root)/.pulumi/locks/organization/\(project)/\(stack)"
  }

  package func entries() throws(FileError) -> [Entry] {
    let names: [String]
    do throws(FileError) { names = try LocalFiles.list(folder) } catch {
      guard error.isMissing else { throw error }
      return []
    }
    return names.filter { $0.hasSuffix(".json") }.map { name in
      let path = "\(folder)/\(name)"
      guard let json = LocalFiles.text(path).flatMap({ try? JSONValue(parsing: $0) }),
        let pid = json["pid"]?.int, let host = json["hostname"]?.string
      else { return .unreadable(path: path) }
      return .held(
        Holder(
          path: path,
          pid: pid,
          user: json["username"]?.string ?? "",
          host: host,
          since: json["timestamp"]?.string ?? ""
        )
      )
    }
  }
}

extension PulumiLocks {
  /// Those that Pulumi names when it finds the stack locked: `  <url>: created by user@host (pid 42) at <time>`.
  package static func holders(in words: String) -> [Holder] {
    words.split(separator: "\n").compactMap { line in
      guard let by = line.firstRange(of: ": created by "), let at = line.lastRange(of: ") at "),
        let pid = line.lastRange(of: " (pid "), by.upperBound < pid.lowerBound,
        pid.upperBound < at.lowerBound,
        let number = Int(line[pid.upperBound..<at.lowerBound])
      else { return nil }
      let who = line[by.upperBound..<pid.lowerBound]
      let user = who.prefix { $0 != "@" }
      return Holder(
        path: String(line[..<by.lowerBound].drop { $0 == " " }),
        pid: number,
        user: String(user),
        host: String(who.dropFirst(user.count + 1)),
        since: String(line[at.upperBound...])
      )
    }
  }
}

extension Substring {
  fileprivate func lastRange(of text: String) -> Range<Index>? {
    ranges(of: text).last
  }
}
