import StackModel
import YAMLTree

extension K8sRules {
  mutating func checkMounts() {
    for container in service.allContainers {
      for mount in container.mounts {
        checkMountPath(mount)
        checkMountSource(mount)
      }
      let paths = container.mounts.compactMap { mount in
        mount["mountPath"].map { ($0.string.map(Self.normal) ?? "", $0) }
      }
      checkUnique("k8s.mount.path", paths) { "`\($0)` is mounted twice in the container" }
    }
  }

  private static func normal(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  /// Whether a path stays below the place it begins at.
  private static func isRelative(_ path: String) -> Bool {
    !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
  }

  /// `k8s.mount.path`
  private mutating func checkMountPath(_ mount: DecodingView) {
    if let view = mount["mountPath"], let path = view.string, !path.hasPrefix("/") || path.contains(":") {
      error("k8s.mount.path", view, "a mount's path begins with `/` and has no `:`")
    }
    if let view = mount["subPath"], let path = view.string, !Self.isRelative(path) {
      error("k8s.mount.path", view, "a `subPath` is relative and has no `..`")
    }
  }

  /// `k8s.volume.source` and `k8s.volume.known`, for mounts
  private mutating func checkMountSource(_ mount: DecodingView) {
    let blocks = K8sVolume.blocks(of: mount)
    if blocks.count > 1 {
      error(
        "k8s.volume.source",
        blocks[1].view,
        "the mount is of \(blocks.map { "`\($0.field)`" }.joined(separator: " and "))",
        hint: "keep one of them"
      )
    }
    guard blocks.isEmpty, let view = mount["name"], let name = view.string,
      !service.volumes.contains(where: { $0.name == name })
    else { return }
    error(
      "k8s.volume.known",
      view,
      "there is no volume `\(name)`",
      hint: Self.nearest(name, service.volumes.map(\.name))
        ?? "give the mount a source such as `emptyDir: {}`, or add it to `spec.pod.volumes`"
    )
  }

  mutating func checkVolumes() {
    var owners: [String: K8sVolume] = [:]
    for volume in service.volumes {
      let view = volume.view["name"] ?? volume.view
      if !volume.name.isDNSLabel {
        error(
          "k8s.volume.unique",
          view,
          "a volume's name has lower-case letters, digits and hyphens",
          hint: Self.example(volume.name.nearestDNSLabel)
        )
      }
      if volume.blocks.isEmpty {
        let all = K8sVolume.sources.map { "`\($0)`" }
        error("k8s.volume.source", volume.view, "a volume has one of \(Words.alternatives(all))")
      } else if volume.blocks.count > 1, volume.owner == "spec.pod.volumes" {
        error(
          "k8s.volume.source",
          volume.blocks[1].view,
          "the volume is \(volume.blocks.map { "`\($0.field)`" }.joined(separator: " and "))",
          hint: "keep one of them"
        )
      }
      if let other = owners[volume.name] { reportClash(volume, other, view) }
      owners[volume.name] = owners[volume.name] ?? volume
      for (field, block) in volume.blocks where field == "configMap" || field == "secret" {
        checkItems(block)
      }
      checkOwnConfigMap(volume)
      if let block = volume.view["hostPath"] {
        warning(
          "k8s.volume.host-path",
          block,
          "the files are a node's: another pod finds others"
        )
      }
    }
  }

  private static func example(_ text: String) -> String? { text.isEmpty ? nil : "for example `\(text)`" }

  /// `k8s.volume.unique`
  private mutating func reportClash(_ volume: K8sVolume, _ other: K8sVolume, _ view: DecodingView) {
    func words(_ volume: K8sVolume) -> String {
      let place = volume.owner == "spec.pod.volumes" ? "`spec.pod.volumes`" : "`\(volume.owner)`"
      return "\(volume.source) in \(place)"
    }
    error(
      "k8s.volume.unique",
      view,
      volume.source == other.source
        ? "`\(volume.name)` is another \(words(other))"
        : "`\(volume.name)` is \(words(other)) and \(words(volume))",
      hint: "give one of them another name"
    )
  }

  /// `k8s.volume.items`
  private mutating func checkItems(_ block: DecodingView) {
    if let view = block["items"], block["key"] != nil {
      error("k8s.volume.items", view, "`items` and `key` both choose files", hint: "keep one of them")
    }
    if let view = block["path"], block["key"] == nil {
      error("k8s.volume.items", view, "`path` is the name of the file that `key` chooses")
    }
    let paths = [block["path"]] + (block["items"]?.list ?? []).map { $0["path"] }
    for view in paths.compactMap(\.self) where !Self.isRelative(view.string ?? "") {
      error("k8s.volume.items", view, "a file's path is relative and has no `..`")
    }
  }

  /// `k8s.volume.config-map`
  private mutating func checkOwnConfigMap(_ volume: K8sVolume) {
    guard let block = volume.view["configMap"], let name = block["name"]?.string,
      let file = service.configMapFile(name)
    else { return }
    let keys = [block["key"]] + (block["items"]?.list ?? []).map { $0["key"] }
    for view in keys.compactMap(\.self) where view.string != file {
      error(
        "k8s.volume.config-map",
        view,
        "the ConfigMap holds the one file `\(file)`",
        hint: "write `key: \(file)`, or drop it"
      )
    }
  }

  mutating func checkSecurity() {
    let pod = service.pod?["securityContext"]
    if let pod { checkUser(pod, pod) }
    if let profile = pod?["seccompProfile"] { checkProfile(profile) }
    for container in service.allContainers {
      guard let block = container.view["securityContext"] else { continue }
      checkPrivileges(block)
      checkUser(block, pod)
      if let profile = block["seccompProfile"] { checkProfile(profile) }
    }
  }

  /// `k8s.security.privileged`
  private mutating func checkPrivileges(_ block: DecodingView) {
    if block["privileged"]?.bool == true {
      if let view = block.written("allowPrivilegeEscalation"), view.bool == false {
        error(
          "k8s.security.privileged",
          view,
          "Kubernetes refuses a privileged container without privilege escalation",
          hint: "drop one of the two"
        )
      }
      return
    }
    let added = block["capabilities"]?["add"]?.list ?? []
    guard block["allowPrivilegeEscalation"]?.bool != true,
      let view = added.first(where: { ["SYS_ADMIN", "CAP_SYS_ADMIN"].contains($0.string) })
    else { return }
    error(
      "k8s.security.privileged",
      view,
      "Kubernetes refuses SYS_ADMIN without privilege escalation",
      hint: "set `allowPrivilegeEscalation: true`"
    )
  }

  /// `k8s.security.root`
  private mutating func checkUser(_ block: DecodingView, _ pod: DecodingView?) {
    let isNonRoot = block["runAsNonRoot"]?.bool ?? pod?["runAsNonRoot"]?.bool ?? false
    // What the pod says is told once, of the pod.
    guard isNonRoot, let view = block["runAsUser"], view.int == 0 else { return }
    error("k8s.security.root", view, "user 0 is root, and `runAsNonRoot` is set")
  }

  /// `k8s.security.seccomp`
  private mutating func checkProfile(_ profile: DecodingView) {
    let isLocal = profile["type"]?.string == "Localhost"
    if isLocal, profile["localhostProfile"] == nil {
      error("k8s.security.seccomp", profile, field: "localhostProfile", "Localhost needs `localhostProfile`")
    } else if !isLocal, let view = profile["localhostProfile"] {
      error("k8s.security.seccomp", view, "`localhostProfile` is for `type: Localhost`")
    }
  }
}
