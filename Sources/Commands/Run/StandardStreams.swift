import StackModel

#if canImport(Glibc)
  import Glibc
#endif

/// What has to be true of standard input, output and error before and after a command.
package enum StandardStreams {
  /// Gives a stream that the caller closed a place to go to. Otherwise the next file to be opened, a
  /// journal for one, would get its number and all that is printed.
  package static func open() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      // The lowest free number is this one, as those below it are taken.
      _ = Glibc.open("/dev/null", O_RDWR)
    }
  }

  /// Ends the process with an error when a result did not get out, whatever else went well: a report
  /// cut short by a full disk must not pass for a whole one.
  package static func close() {
    guard let failure = Console.failure else { return }
    Console.note("error: \(failure)\n")
    exit(StackModel.ExitCode.failed.rawValue)
  }
}
