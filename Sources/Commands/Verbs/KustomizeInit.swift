import ArgumentParser
import Deployment
import LocalFiles
import Manifests
import StackModel
import YAMLTree

struct KustomizeInit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write _kustomize with a base, `local` and an overlay for each environment.",
    discussion: """
      What is not given is asked for at a terminal. Files that are there are left alone unless --force is given or \
      the question about them is answered.

      EXAMPLES
        stackjob kustomize init --new
        stackjob kustomize init --new --platform kubernetes --environment dev --environment prod
        stackjob kustomize init --from service.yaml --environment prod
      """
  )

  @Argument(help: ArgumentHelp("The service's folder.", valueName: "folder"), completion: .directory)
  var folder = "."

  @Flag(help: "Begin with a new manifest.")
  var new = false

  @Option(
    help: ArgumentHelp("Begin with this manifest.", valueName: "manifest"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var from: String?

  @Option(help: "kubernetes or ecs; with --new.")
  var platform: StarterPlatform?

  @Option(help: ArgumentHelp("An environment to write an overlay for; may be repeated.", valueName: "name"))
  var environment: [String] = []

  @Option(help: ArgumentHelp("The service's name. Default: the folder's.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("The organisation, first part of the stack's name.", valueName: "name"))
  var org: String?

  @Flag(help: "Write over files that are there.")
  var force = false

  @Option(
    help: ArgumentHelp("A folder of kinds, searched before all others.", valueName: "folder"),
    completion: .directory
  )
  var templates: [String] = []

  func validate() throws {
    if new == (from != nil) { throw ValidationError("give --new, or --from MANIFEST") }
    if from != nil, platform != nil || name != nil || org != nil {
      throw ValidationError("--platform, --name and --org belong to --new: the manifest says them")
    }
    for text in environment + [name, org].compactMap(\.self) where !StackID.isLegal(text) {
      throw ValidationError(
        "`\(text)` is no name: letters, digits, `.`, `_` and `-`, not beginning with a dot"
      )
    }
    if environment.contains(Overlay.localName) {
      throw ValidationError("the overlay `local` is always written, and is no environment")
    }
  }

  func run() throws {
    let session = try Session.open(templates: templates)
    guard LocalFiles.isFolder(folder) else { throw ValidationError("\(folder): there is no such folder") }
    let base: BaseManifest
    var environments = environment
    let kind: String
    if let from {
      let (manifest, text) = try manifest(from, session)
      kind = manifest.kind.kind
      let platform = StarterPlatform.allCases.first { $0.kind == kind } ?? .kubernetes
      base = BaseManifest(
        text: text,
        document: manifest.tree,
        platform: platform
      )
      if environments.isEmpty, let env = manifest.env { environments = [env] }
    } else {
      let platform = try self.platform ?? askPlatform()
      kind = platform.kind
      let name = try self.name ?? askName()
      base = BaseManifest(platform: platform, name: name, org: org)
    }
    if environments.isEmpty {
      environments = try ask("environments", "--environment NAME", default: "dev").split(separator: ",").map {
        String($0.filter { $0 != " " })
      }
      for text in environments where !StackID.isLegal(text) { throw ValidationError("`\(text)` is no name") }
    }
    var seen: Set<String> = []
    environments = environments.filter { seen.insert($0).inserted }
    let schema = try KustomizeSchema.document([kind], session: session)
    try write(RepositoryStart(base: base, environments: environments, mergeSchema: schema))
  }

  private func write(_ start: RepositoryStart) throws {
    let target = folder == "." ? ServiceRepository.folderName : "\(folder)/\(ServiceRepository.folderName)"
    let existing = start.existing(in: target)
    var replacing = force
    if !existing.isEmpty, !force {
      let list = existing.joined(separator: ", ")
      guard Question.canAsk else {
        try Console.require([
          .error(
            "repository.exists",
            "there is something already: \(list)",
            at: SourceLocation(file: target),
            hint: "--force writes over it"
          )
        ])
        return
      }
      guard Question.ask("Write over \(list)? Only `yes` is taken") == "yes" else {
        throw StackModel.ExitCode.failed.thrown
      }
      replacing = true
    }
    do throws(FileError) {
      try start.write(to: target, replacing: replacing)
    } catch {
      try Console.require([.error("repository.write", "\(error)", at: SourceLocation(file: target))])
    }
    for file in start.files { Console.print("\(target)/\(file.path)") }
    Console.note("see what it builds to with: stackjob overlays \(folder)\n")
  }

  /// Read once: standard input is not there a second time.
  private func manifest(_ path: String, _ session: Session) throws -> (Manifest, text: String) {
    let bytes = try Console.get(
      InputFile.load(path, limit: YAMLReader.Limits().bytes).mapError { DiagnosticFailure($0.diagnostic) }
    )
    let (manifests, problems) = ManifestReader.read(
      bytes,
      file: InputFile.displayName(path),
      catalog: session.catalog,
      needsImage: false
    )
    try Console.require(problems)
    guard manifests.count == 1, let manifest = manifests.first else {
      throw ValidationError("\(path) holds \(manifests.count) manifests, and a service has one")
    }
    return (manifest, String(decoding: bytes, as: UTF8.self))
  }

  private func askPlatform() throws -> StarterPlatform {
    let names = StarterPlatform.allCases.map(\.rawValue).joined(separator: " or ")
    let answer = try ask("platform, \(names)", "--platform kubernetes|ecs", default: "kubernetes")
    guard let platform = StarterPlatform(rawValue: answer.lowercased()) else {
      throw ValidationError("`\(answer)` is no platform; there are \(names)")
    }
    return platform
  }

  /// Nobody is asked for what the folder's name can be.
  private func askName() throws -> String {
    let own = LocalFiles.name(of: LocalFiles.absolute(folder)).lowercased().unicodeScalars.map { scalar in
      ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "-"
    }
    let parts = String(own).split(separator: "-")
    let name = parts.drop { $0.first?.isNumber == true }.joined(separator: "-")
    return name.isEmpty ? "service" : String(name.prefix(50))
  }

  private func ask(_ what: String, _ flag: String, default value: String) throws -> String {
    guard Question.canAsk else {
      throw ValidationError("there is no terminal to ask at; give \(flag)")
    }
    guard let answer = Question.ask(what, default: value) else { throw StackModel.ExitCode.cancelled.thrown }
    return answer
  }
}

extension StarterPlatform: ExpressibleByArgument {}
