import JobSources
import LocalFiles
import StackModel

/// Files of a queue that cannot be read or written end a command with a message.
enum QueueFailure {
  static func catching<Value>(_ body: () throws(FileError) -> Value) throws -> Value {
    do throws(FileError) { return try body() } catch {
      try Console.require([
        .error("queue.failed", "\(error)", hint: "look at the queue's permissions and free space")
      ])
      throw StackModel.ExitCode.badData.thrown
    }
  }

  static func asking<Value>(_ body: () throws(QueueClient.Failure) -> Value) throws -> Value {
    do throws(QueueClient.Failure) { return try body() } catch { throw told(error) }
  }

  /// Says what a server's answer was; what is returned ends the command.
  static func told(_ error: QueueClient.Failure) -> any Error {
    let (code, hint, exit): (String, String, StackModel.ExitCode) =
      switch error.kind {
      case .noAnswer:
        (
          "queue.no-answer", "look at the URL, the proxy and the certificates, or try again later",
          .unavailable
        )
      case .denied:
        ("queue.denied", "give a token by --token-file, or a certificate by --client-cert", .credentials)
      case .refused:
        ("queue.refused", "`stackjob jobs` says how each job stands", .badData)
      case .unknownJob: ("queue.unknown-job", "`stackjob jobs` lists them", .badData)
      }
    Console.show([.error(code, error.words, hint: hint)])
    return exit.thrown
  }
}
