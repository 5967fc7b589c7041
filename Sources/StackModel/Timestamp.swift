/// A moment in UTC, to the millisecond, written as RFC 3339.
package struct Timestamp: Sendable, Hashable, Comparable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

  /// Seconds from an earlier moment to this one.
  package func seconds(since earlier: Timestamp) -> Double {
    Double(milliseconds - earlier.milliseconds) / 1000
  }
}

/// For example `2026-03-01T09:30:00.250Z`.
extension Timestamp: CustomStringConvertible {
  package var description: String {
    let (days, inDay) = milliseconds.quotientAndRemainderFloored(dividingBy: 86_400_000)
    let (year, month, day) = Self.civil(fromDays: days)
    let (seconds, fraction) = inDay.quotientAndRemainder(dividingBy: 1000)
    // Every event is stamped: digits written in place take a fraction of the time that joining
    // strings takes. 21 bytes hold a number of any size with its sign and what follows it.
    return String(unsafeUninitializedCapacity: 7 * 21) { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      var length = 0
      func append(_ value: Int64, _ width: Int, _ end: Unicode.Scalar) {
        length += Self.write(value, width: width, end, to: start + length)
      }
      append(year, 4, "-")
      append(month, 2, "-")
      append(day, 2, "T")
      append(seconds / 3600, 2, ":")
      append(seconds / 60 % 60, 2, ":")
      append(seconds % 60, 2, ".")
      append(fraction, 3, "Z")
      return length
    }
  }

  /// Writes a number with at least so many digits, and what stands behind it.
  private static func write(
    _ value: Int64,
    width: Int,
    _ end: Unicode.Scalar,
    to start: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let magnitude = value.magnitude
    var (digits, limit) = (1, UInt64(10))
    while digits < 19, magnitude >= limit { (digits, limit) = (digits + 1, limit * 10) }
    let sign = value < 0 ? 1 : 0
    if value < 0 { start[0] = UInt8(ascii: "-") }
    let length = sign + max(width, digits)
    var rest = magnitude
    for position in stride(from: length - 1, through: sign, by: -1) {
      start[position] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
    start[length] = UInt8(ascii: end)
    return length + 1
  }

  /// Year, month and day of a day number in the proleptic Gregorian calendar, by eras of 400 years
  /// that begin on 1 March, so that the leap day is the last of its year.
  private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let (era, dayOfEra) = shifted.quotientAndRemainderFloored(dividingBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

extension Int64 {
  fileprivate func quotientAndRemainderFloored(dividingBy divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
