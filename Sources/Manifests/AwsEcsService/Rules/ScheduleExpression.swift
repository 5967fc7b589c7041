/// When a scheduled action of Application Auto Scaling happens.
enum ScheduleExpression {
  static func isLegal(_ text: String) -> Bool {
    guard text.hasSuffix(")"), let open = text.firstIndex(of: "(") else { return false }
    let inner = text[text.index(after: open)...].dropLast()
    return switch text[..<open] {
    case "cron": isCron(inner)
    case "at": isTime(inner)
    case "rate": isRate(inner)
    default: false
    }
  }

  /// Minutes, hours, day of month, month, day of week, year; one of the two days is `?`.
  private static func isCron(_ text: some StringProtocol) -> Bool {
    let fields = text.split(separator: " ")
    guard fields.count == 6, (fields[2] == "?") != (fields[4] == "?") else { return false }
    return fields.allSatisfy { field in
      field.isMade { $0.isAsciiLetter || $0.isAsciiDigit || ",-*/?#".unicodeScalars.contains($0) }
    }
  }

  /// `yyyy-mm-ddThh:mm:ss`, each part within what a calendar and a clock have.
  private static func isTime(_ text: some StringProtocol) -> Bool {
    let shape = "dddd-dd-ddTdd:dd:dd".unicodeScalars
    let scalars = Array(text.unicodeScalars)
    guard scalars.count == shape.count,
      zip(scalars, shape).allSatisfy({ $1 == "d" ? $0.isAsciiDigit : $0 == $1 })
    else { return false }
    func number(_ range: Range<Int>) -> Int {
      scalars[range].reduce(0) { $0 * 10 + Int($1.value) - 48 }
    }
    return 1...12 ~= number(5..<7) && 1...31 ~= number(8..<10) && number(11..<13) < 24
      && number(14..<16) < 60 && number(17..<19) < 60
  }

  private static func isRate(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].isMade(of: \.isAsciiDigit), let count = Int(parts[0]), count > 0 else {
      return false
    }
    return ["minute", "minutes", "hour", "hours", "day", "days"].contains(String(parts[1]))
  }
}
