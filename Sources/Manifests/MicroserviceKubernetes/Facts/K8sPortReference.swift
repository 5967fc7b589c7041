import YAMLTree

/// The port that a probe or hook goes to: `portNumber`, `portName` or `port`, or the container's only one.
struct K8sPortReference {
  /// The fields that say something; 0 and the empty text say nothing.
  let written: [DecodingView]
  /// Nil when there is no such port, or nothing to choose one by.
  let number: Int?
  /// The name that was given.
  let name: String?

  init(_ view: DecodingView, of container: K8sContainer) {
    written = ["portNumber", "portName", "port"].compactMap { view[$0] }.filter { field in
      field.int.map { $0 != 0 } ?? !(field.string ?? "").isEmpty
    }
    name = written.first?.string
    if let number = written.first?.int {
      self.number = number
    } else if let name {
      number = container.ports.first { $0.name == name }?.number
    } else {
      number = container.ports.count == 1 ? container.ports.first?.number : nil
    }
  }
}
