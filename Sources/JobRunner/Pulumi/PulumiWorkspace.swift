import Engines
import LocalFiles
import StackModel
import Translation

/// The folder that Pulumi runs in: the project, and what is of this job alone.
struct PulumiWorkspace: Sendable {
  let path: String

  static let planFile = "pulumi-plan.json"
  /// In the folder of a kept plan: what its preview found.
  static let previewFile = "preview.json"

  var plan: String { "\(path)/\(Self.planFile)" }
  /// The plugin for Kubernetes leaves kubeconfigs in clear in its temporary folder.
  var temporary: String { "\(path)/tmp" }
  /// What the preview of a kept plan found.
  var expectedPreview: String { "\(path)/expected-preview.json" }
  var passphrase: String { "\(path)/passphrase" }

  /// The stack's settings, which hold its salt and, while the job runs, encrypted config.
  func settings(_ stack: String) -> String { "\(path)/Pulumi.\(stack).yaml" }

  /// - Parameters:
  ///   - settings: of an earlier job, see ``keptSettings(_:)``.
  func prepare(
    program: Program,
    stack: String,
    passphrase secret: Secret?,
    settings known: [UInt8]?
  ) throws(FileError) {
    try LocalFiles.makeFolder(path)
    try LocalFiles.makeFolder(temporary)
    for file in program.files {
      try LocalFiles.create("\(path)/\(file.path)", with: file.bytes, durably: false)
    }
    if let secret { try LocalFiles.create(passphrase, with: Array(secret.reveal().utf8), durably: false) }
    if let known { try LocalFiles.create(settings(stack), with: known, durably: false) }
  }

  /// What the next job needs of a stack's settings: all but its config, which each job gives anew.
  static func keptSettings(_ text: String) -> String {
    var keeps = true
    return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      if let first = line.first, first != " ", first != "#", first != "-" {
        keeps = !line.hasPrefix("config:")
      }
      return keeps
    }.joined(separator: "\n")
  }
}
