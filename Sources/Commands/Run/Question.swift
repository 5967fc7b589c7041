#if canImport(Glibc)
  import Glibc
#endif

/// A question to the person at the terminal that a command can do without, given flags.
enum Question {
  static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// The answer without white space around it; the default for an empty one. Nil when the input ended.
  static func ask(_ question: String, default value: String? = nil) -> String? {
    Console.ask("\(question)\(value.map { " [\($0)]" } ?? ""): ")
    guard let line = readLine() else { return nil }
    var answer = Substring(line)
    while answer.first?.isWhitespace == true { answer = answer.dropFirst() }
    while answer.last?.isWhitespace == true { answer = answer.dropLast() }
    return answer.isEmpty ? value : String(answer)
  }
}
