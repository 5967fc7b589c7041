package import StackModel

/// A Kubernetes API server, for reading.
package protocol KubernetesAPI: Sendable {
  /// The document behind a path such as `/api/v1/namespaces/shop/pods`.
  ///
  /// - Throws: ``PlatformFailure/Kind/absent`` where the server knows no such path or object.
  func get(_ path: String) async throws(PlatformFailure) -> JSONValue
}

extension KubernetesAPI {
  /// The answers to several questions, asked at once and given in the order of the paths.
  func get(all paths: [String]) async -> [Result<JSONValue, PlatformFailure>] {
    await withTaskGroup(of: (Int, Result<JSONValue, PlatformFailure>).self) { group in
      for (index, path) in paths.enumerated() {
        group.addTask {
          do throws(PlatformFailure) {
            return (index, .success(try await get(path)))
          } catch {
            return (index, .failure(error))
          }
        }
      }
      var answers: [(Int, Result<JSONValue, PlatformFailure>)] = []
      for await answer in group { answers.append(answer) }
      return answers.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}

/// Paths of the API, with what was put in escaped.
enum KubernetesPath {
  static func object(_ group: String, _ namespace: String, _ resource: String, _ name: String) -> String {
    "\(list(group, namespace, resource))/\(PercentEncoding.component(name))"
  }

  static func list(
    _ group: String,
    _ namespace: String,
    _ resource: String,
    labels: [KubernetesService.Label] = [],
    fields: String? = nil
  ) -> String {
    let root = group == "v1" ? "/api/v1" : "/apis/\(group)"
    var query: [String] = []
    if !labels.isEmpty {
      let selector = labels.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
      query.append("labelSelector=\(PercentEncoding.component(selector))")
    }
    if let fields { query.append("fieldSelector=\(PercentEncoding.component(fields))") }
    return "\(root)/namespaces/\(PercentEncoding.component(namespace))/\(resource)"
      + (query.isEmpty ? "" : "?\(query.joined(separator: "&"))")
  }
}
