import StackModel
import YAMLTree

extension K8sRules {
  private static var sizeLimit: Int { 1 << 20 }

  /// `k8s.secret.env`, `k8s.secret.empty` and `k8s.secret.size`. No message shows a value.
  mutating func checkSecrets() {
    for registry in service.registries {
      checkEnvironment(registry.environment, registry.passwordView, registry.password)
      if let password = registry.password?.reveal(), password.isEmpty {
        warning("k8s.secret.empty", registry.passwordView, "the password for `\(registry.server)` is empty")
      }
    }
    for secret in service.secrets {
      for entry in secret.entries where secret.isOpaque {
        checkEnvironment(entry.environment, entry.view, entry.value)
        if let value = entry.value?.reveal(), value.isEmpty {
          warning("k8s.secret.empty", entry.view, "the value of `\(entry.key)` is empty")
        }
      }
      let size = secret.entries.reduce(0) { $0 + ($1.value?.reveal().utf8.count ?? 0) }
      if size > Self.sizeLimit, let view = secret.entries.first?.view {
        error(
          "k8s.secret.size",
          view,
          "the values of the Secret `\(secret.name)` have \(size) bytes, 1048576 are possible"
        )
      }
    }
  }

  private mutating func checkEnvironment(_ name: String?, _ view: DecodingView, _ value: Secret?) {
    guard let name, inputs.resolvesSecrets, value == nil else { return }
    error(
      "k8s.secret.env",
      view,
      "stackjob's environment has no \(name)",
      hint: "export it before the run"
    )
  }

  /// `k8s.config-map.name`, and `k8s.secret.size` for files
  mutating func checkConfigMaps() {
    for map in service.configMaps {
      let isFile = map.file.isMade { $0.isNameLetter || $0 == "_" || $0 == "." }
      if !isFile || (!map.name.isDNSName && service.names.name.isServiceName) {
        error(
          "k8s.config-map.name",
          map.view,
          "`\(map.file)` is part of the ConfigMap's name: lower-case letters, digits, hyphens and dots",
          hint: "the name in the container is the mount's `configMap.path`"
        )
      }
      let size = map.text.utf8.count
      if size > Self.sizeLimit {
        error("k8s.secret.size", map.view, "`\(map.file)` has \(size) bytes, 1048576 are possible")
      }
    }
  }
}
