package import LocalFiles
package import StackModel

/// A kubeconfig in a folder that only we can read, for as long as a cluster is asked.
package struct KubeconfigFile: Sendable {
  package let access: KubectlAccess
  private let folder: String

  /// - Parameter kubeconfig: JSON is YAML, so kubectl takes it.
  package init(_ kubeconfig: JSONValue, context: String, below temporary: String) throws(FileError) {
    folder = "\(temporary)/stackjob-kubeconfig.\(UInt64.random(in: 0 ... .max))"
    try LocalFiles.makeFolder(folder)
    let path = "\(LocalFiles.absolute(folder))/config"
    try LocalFiles.create(path, with: kubeconfig.bytes(), durably: false)
    access = KubectlAccess(kubeconfig: path, context: context)
  }

  /// What cannot be removed is in a folder that only we can read.
  package func remove() { try? LocalFiles.removeTree(folder) }
}
