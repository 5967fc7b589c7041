import StackModel
import YAMLTree

/// A volume of the pod, defined in `spec.pod.volumes` or by a mount.
struct K8sVolume: Sendable {
  static let sources = [
    "configMap", "secret", "emptyDir", "hostPath", "pvc", "csi", "nfs", "serviceAccountToken",
  ]

  let name: String
  let view: DecodingView
  /// The block of each source that is written; exactly one in a legal manifest.
  let blocks: [(field: String, view: DecodingView)]
  /// Where it is defined, in a message: `spec.pod.volumes` or a container's name.
  let owner: String

  init(_ view: DecodingView, owner: String) {
    name = view["name"]?.string ?? ""
    self.view = view
    self.owner = owner
    blocks = Self.blocks(of: view)
  }

  static func blocks(of view: DecodingView) -> [(field: String, view: DecodingView)] {
    sources.compactMap { field in view[field].map { (field, $0) } }
  }

  var source: String { blocks.first?.field ?? "" }

  /// Whether containers can only read it.
  var isReadOnly: Bool {
    guard let (field, block) = blocks.first, field == "pvc" || field == "csi" else { return false }
    return block["readOnly"]?.bool ?? (field == "csi")
  }
}
