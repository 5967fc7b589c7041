import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkVolumes() {
    let names = service.volumes.map { ($0["name"]?.string ?? "", $0["name"] ?? $0) }
    checkUnique("ecs.volume.unique", names) { "another volume is named `\($0)`" }
    for volume in service.volumes {
      let forms = ["efs", "host", "docker"].filter { volume[$0] != nil }
      if forms.count > 1 {
        let words = forms.map { "`\($0)`" }.joined(separator: " and ")
        error("ecs.volume.one-form", volume["name"] ?? volume, "a volume is one of \(words), not both")
      }
      if let efs = volume["efs"] { checkEFS(efs) }
      if let docker = volume["docker"], let view = docker["autoprovision"], view.bool == true,
        docker["scope"]?.string != "shared"
      {
        error("ecs.volume.docker", view, "`autoprovision` needs `scope: shared`")
      }
    }
  }

  /// `ecs.volume.efs` and `ecs.volume.efs.role`
  private mutating func checkEFS(_ efs: DecodingView) {
    for (field, prefix) in [("fileSystemId", "fs"), ("accessPointId", "fsap")] {
      guard let view = efs[field]?.valueView, let id = view.string, !id.isID(prefix, 8...40) else { continue }
      error("ecs.volume.efs", view, "`\(id)` is not an id such as \(prefix)-0123456789abcdef0")
    }
    let usesIAM = efs["iam"]?.bool == true
    if let view = efs["transitEncryption"], view.bool == false, usesIAM || efs["accessPointId"] != nil {
      let what = usesIAM ? "`iam`" : "an access point"
      error("ecs.volume.efs", view, "\(what) needs `transitEncryption`")
    }
    if efs["accessPointId"] != nil, let view = efs["rootDirectory"], view.string != "/" {
      error(
        "ecs.volume.efs",
        view,
        "an access point has a root directory of its own",
        hint: "drop `rootDirectory`"
      )
    }
    if usesIAM, spec["iam"]?["taskRoleArn"] != nil, let view = efs["iam"] {
      warning(
        "ecs.volume.efs.role",
        view,
        "the given role has to allow elasticfilesystem:ClientMount itself"
      )
    }
  }

  mutating func checkMounts() {
    let volumes = service.volumes.compactMap { $0["name"]?.string }
    for container in service.containers {
      let mounts = container.view["mountPoints"]?.list ?? []
      for mount in mounts {
        if let view = mount["volume"], let name = view.string, !volumes.contains(name) {
          error(
            "ecs.mount.known",
            view,
            "there is no volume `\(name)`",
            hint: Suggestion.nearest(to: name, among: volumes).map { "did you mean `\($0)`?" }
              ?? "add it to `spec.volumes`"
          )
        }
        if let view = mount["path"], let path = view.string, !isAbsolute(path) {
          let start = service.isWindows ? "a drive, such as `C:\\`" : "`/`"
          error("ecs.mount.path", view, "a mount's path begins with \(start)")
        }
      }
      let paths = mounts.compactMap { mount in mount["path"].map { ($0.string ?? "", $0) } }
      checkUnique("ecs.mount.path", paths) { "`\($0)` is mounted twice in the container" }
    }
  }

  private func isAbsolute(_ path: String) -> Bool {
    guard service.isWindows else { return path.hasPrefix("/") }
    let start = Array(path.unicodeScalars.prefix(3))
    return start.count == 3 && start[0].isAsciiLetter && start[1] == ":" && start[2] == "\\"
  }
}
