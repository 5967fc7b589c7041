import Engines
import LocalFiles
import Manifests
import StackModel
import ToolProcess
import Translation

/// Whether Pulumi, where it is there, has what it runs our programs with.
struct PulumiExamination {
  let session: Session

  /// Nothing where nobody uses Pulumi.
  func plugins() -> [DoctorCheck] {
    let path = session.environment["PATH"] ?? ""
    guard let pulumi = ExecutableFinder.find(EngineName.pulumi.rawValue, path: path) else { return [] }
    var checks: [DoctorCheck] = []
    let host = LocalFiles.parent(of: LocalFiles.absolute(pulumi)) + "/pulumi-language-yaml"
    if !LocalFiles.isFile(host) {
      checks.append(
        DoctorCheck(
          "pulumi yaml",
          .notice,
          "\(host) is not there",
          advice: "it comes with Pulumi and belongs beside it; without it no program runs"
        )
      )
    }
    return checks + pinned.map(check)
  }

  private var pinned: [PulumiPlugin] {
    let templates = session.catalog.summaries().kinds.compactMap { summary -> PulumiTemplate? in
      guard case .found(let kind) = session.catalog.find(summary.kind) else { return nil }
      return try? PulumiTemplate.read(kind).get()
    }
    let found = templates.flatMap(\.plugins).map { PulumiPlugin(name: $0.name, version: $0.version) }
    return Set(found).sorted { $0.name < $1.name }
  }

  private func check(_ plugin: PulumiPlugin) -> DoctorCheck {
    let label = "plugin \(plugin.name)"
    let home = "\(session.locations.stateHome)/cache/pulumi"
    let place = ([home] + session.settings.pulumi.plugins).first { place in
      plugin.folders(below: place).contains(where: LocalFiles.isFolder)
        || LocalFiles.isFile("\(place)/\(plugin.archive)")
    }
    if let place {
      return DoctorCheck(label, .ok, "\(plugin.version) in \(place)")
    }
    return session.settings.pulumi.allowsPluginDownload
      ? DoctorCheck(label, .notice, "\(plugin.version) is downloaded when it is needed")
      : DoctorCheck(
        label,
        .notice,
        "\(plugin.version) is in no folder, and downloading is off",
        advice: "name a folder that holds it in `pulumi.plugins`, or set `pulumi.allowPluginDownload`"
      )
  }
}
