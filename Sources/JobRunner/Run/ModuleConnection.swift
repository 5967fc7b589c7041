import LocalFiles
package import StackModel

/// What a module is told of the platform that its provider works on, as an ephemeral variable: neither plan
/// nor state holds it.
package struct ModuleConnection: Sendable {
  package var variable: String
  package var values: [String: String]
  /// Written into the job's own folder while it runs, and named by the values.
  package var kubeconfig: JSONValue?

  package init(variable: String, values: [String: String], kubeconfig: JSONValue? = nil) {
    self.variable = variable
    self.values = values
    self.kubeconfig = kubeconfig
  }

  /// Readable by its owner alone: it holds credentials.
  func write(to path: String) throws(FileError) {
    guard let kubeconfig else { return }
    try LocalFiles.create(path, with: kubeconfig.bytes(), durably: false)
  }

  /// - Parameter path: where the kubeconfig was written.
  func environment(kubeconfig path: String) -> [String: String] {
    var all = values
    if kubeconfig != nil { all["config_path"] = path }
    let object = JSONObject(all.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    return ["TF_VAR_\(variable)": JSONValue.object(object).text()]
  }
}
