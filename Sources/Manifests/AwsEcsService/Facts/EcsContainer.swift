import References
import YAMLTree

/// A container of the task: the main one or a sidecar.
struct EcsContainer: Sendable {
  let view: DecodingView
  let isMain: Bool
  let name: String
  let image: EcsImage
  let ports: [EcsPort]
  let secrets: [EcsSecret]
  /// Plain environment variables; references to other resources' outputs are left out.
  let variables: [(name: String, value: String, view: DecodingView)]

  /// The main container, named by the service unless it has a name of its own.
  init(main view: DecodingView, in manifest: Manifest) {
    self.init(view, isMain: true, name: view["name"]?.string ?? manifest.name, manifest)
  }

  init(sidecar view: DecodingView, in manifest: Manifest) {
    self.init(view, isMain: false, name: view["name"]?.string ?? "", manifest)
  }

  private init(_ view: DecodingView, isMain: Bool, name: String, _ manifest: Manifest) {
    self.view = view
    self.isMain = isMain
    self.name = name
    image = EcsImage(view["image"])
    let ports = view["ports"]?.list ?? [view["port"]].compactMap(\.self)
    self.ports = ports.map(EcsPort.init)
    secrets = (view["env"]?["secrets"]?.entries ?? []).map {
      EcsSecret(name: $0.key, view: $0.value, references: manifest.references)
    }
    variables = (view["env"]?["variables"]?.entries ?? []).compactMap { name, view in
      guard let text = view.value else { return nil }
      let place = view.valueView
      return (name, manifest.references[place.path]?.text ?? text, place)
    }
  }

  var isEssential: Bool { isMain || view["essential"]?.bool ?? true }
  var hasHealthCheck: Bool { view["healthCheck"] != nil }

  /// CPU units reserved for a sidecar; a main container's `cpu` is the whole task's.
  var ownCpu: Int? { isMain ? nil : view["cpu"]?.int }
  /// Hard limit of a sidecar in MiB; a main container's `memory` is the whole task's.
  var ownMemory: Int? { isMain ? nil : view["memory"]?.int }
  var memoryReservation: Int? { view["memoryReservation"]?.int }
  /// What the container takes of the task's memory for certain, in MiB.
  var claimedMemory: Int { ownMemory ?? memoryReservation ?? 0 }
}
