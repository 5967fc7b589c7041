import YAMLTree

/// The container and port that traffic goes to, as `containerName` and `containerPort` beside each other
/// say it in several blocks.
struct EcsTarget {
  let containerName: String
  /// Nil when the task has no such container.
  let container: EcsContainer?
  /// As given, or the container's first; nil when it has none.
  let port: Int?

  /// Whether the container listens on the port by a protocol, `tcp` or `udp`.
  func listens(over transport: String) -> Bool {
    container?.ports.contains { $0.containerPort == port && $0.transport == transport } ?? false
  }
}

extension EcsService {
  func target(of block: DecodingView) -> EcsTarget {
    let name = block["containerName"]?.string ?? main?.name ?? ""
    let container = containers.first { $0.name == name }
    return EcsTarget(
      containerName: name,
      container: container,
      port: block["containerPort"]?.int ?? container?.ports.first?.containerPort
    )
  }
}
