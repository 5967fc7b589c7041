/// Durations as people read them.
enum DurationText {
  /// For example `0.4s`, `12.3s`, `2m 5s`, `1h 4m`.
  static func of(_ seconds: Double) -> String {
    guard seconds < 60 else { return of(Int(seconds)) }
    let tenths = Int((max(0, seconds) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)s"
  }

  static func of(_ seconds: Int) -> String {
    switch seconds {
    case ..<60: "\(max(0, seconds))s"
    case ..<3600: "\(seconds / 60)m \(seconds % 60)s"
    default: "\(seconds / 3600)h \(seconds % 3600 / 60)m"
    }
  }
}

/// For example `1 error`, `2 errors`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
