import Digests
package import Platforms
package import References
import StackModel

/// Secrets of a cluster for groups of secrets, and its ConfigMaps for groups of variables: the object has the
/// group's name and the entry is a key of it.
package struct KubernetesSource: ReferenceSource {
  package let name: String
  package let kinds: Set<GroupKind>
  private let namespace: String
  private let cluster: any KubernetesAPI

  package init(name: String, kinds: Set<GroupKind>, namespace: String, cluster: any KubernetesAPI) {
    self.name = name
    self.kinds = kinds
    self.namespace = namespace
    self.cluster = cluster
  }

  package func look(up reference: GroupReference) async -> SourceAnswer {
    let type = reference.kind == .secrets ? "secrets" : "configmaps"
    let group = PercentEncoding.component(reference.group)
    let object: JSONValue
    do throws(PlatformFailure) {
      object = try await cluster.get(
        "/api/v1/namespaces/\(PercentEncoding.component(namespace))/\(type)/\(group)"
      )
    } catch {
      return error.answer
    }
    let data = object["data"]?.object ?? [:]
    guard let text = data[reference.entry]?.string else {
      return .missing(known: data.map { "\(reference.group)/\($0.key)" })
    }
    guard reference.kind == .secrets else { return .found(text) }
    guard let bytes = Base64.bytes(text) else {
      return .failed(SourceFailure(.refused, "the value of `\(reference.entry)` is not base64"))
    }
    return .text(bytes, of: "the value of `\(reference.entry)`")
  }
}
