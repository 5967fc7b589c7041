import JobSources
import LocalFiles
import StackModel

/// A key for signatures of jobs, from its file.
enum KeyFile {
  static func read(_ path: String) throws -> SignatureKey {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try LocalFiles.read(path) } catch {
      try Console.require([.error("queue.key", "the key cannot be read: \(error)")])
      throw StackModel.ExitCode.badData.thrown
    }
    return try Console.get(SignatureKey.read(bytes, file: path))
  }
}
