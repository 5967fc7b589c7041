import StackModel
import YAMLTree

extension K8sService {
  static func volumes(
    _ spec: DecodingView,
    _ containers: [K8sContainer],
    _ names: K8sNames
  ) -> [K8sVolume] {
    var volumes = (spec["pod"]?["volumes"]?.list ?? []).map { K8sVolume($0, owner: "spec.pod.volumes") }
    for container in containers {
      for mount in container.mounts where !K8sVolume.blocks(of: mount).isEmpty {
        let volume = K8sVolume(mount, owner: container.name)
        // Twice in the same way is one volume; another way is for a rule to refuse.
        if volumes.contains(where: { $0.name == volume.name && $0.isSame(as: volume) }) { continue }
        volumes.append(volume)
      }
    }
    return volumes
  }

  /// The volume that a mount is of.
  func volume(of mount: DecodingView) -> K8sVolume? {
    volumes.first { $0.name == mount["name"]?.string }
  }
}

extension K8sVolume {
  /// Whether both stand for the same files.
  func isSame(as other: K8sVolume) -> Bool {
    blocks.map(\.field) == other.blocks.map(\.field)
      && zip(blocks, other.blocks).allSatisfy { $0.view.json == $1.view.json }
  }
}
