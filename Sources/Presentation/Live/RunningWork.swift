import StackModel

/// What is going on right now: phases and resources, with when they began.
struct RunningWork {
  struct Item {
    var address: String
    var action: String
    /// Seconds on the presenter's clock.
    var began: Double
    /// The seconds that were last told in plain output.
    var told = 0
  }

  private(set) var phases: [(phase: Phase, began: Double)] = []
  /// In the order they began.
  private(set) var items: [Item] = []
  /// Resources of the running phase that are done.
  private(set) var finished = 0
  /// How many there are to be, where that is known.
  var expected: Int?

  var isEmpty: Bool { phases.isEmpty && items.isEmpty }

  mutating func begin(_ phase: Phase, at now: Double) {
    phases.append((phase, now))
    finished = 0
  }

  mutating func end(_ phase: Phase) {
    phases.removeAll { $0.phase == phase }
    // A killed engine tells no end of what it had in hand.
    if phases.isEmpty { items = [] }
  }

  mutating func begin(_ step: ResourceStep, at now: Double) {
    items.append(Item(address: step.address, action: step.action, began: now))
  }

  mutating func end(_ step: ResourceStep) {
    guard let index = index(of: step) else { return }
    items.remove(at: index)
    finished += 1
  }

  /// Whether so much time has passed since a resource was last told of that it is worth a line.
  mutating func isDue(_ step: ResourceStep, first: Int, every interval: Int) -> Bool {
    guard let index = index(of: step) else { return false }
    let told = items[index].told
    guard step.seconds - told >= (told == 0 ? first : interval) else { return false }
    items[index].told = step.seconds
    return true
  }

  /// A replacement may delete and create at one address at the same time.
  private func index(of step: ResourceStep) -> Int? {
    items.firstIndex { $0.address == step.address && $0.action == step.action }
      ?? items.firstIndex { $0.address == step.address }
  }

  // MARK: Drawing

  private static let frames = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
  /// More lines than this would be read by nobody.
  private static let mostItems = 12

  func lines(at now: Double, frame: Int, terminal: Terminal) -> [String] {
    let spinner = String(Self.frames[frame % Self.frames.count])
    // The last column stays free: some terminals wrap as soon as it is written to.
    let room = max(10, terminal.width - 1)
    var lines = phases.map { line(of: $0.phase, since: now - $0.began, spinner, room, terminal.style) }
    let most = max(1, min(Self.mostItems, terminal.height - lines.count - 3))
    let shown = items.prefix(items.count > most ? most - 1 : most)
    lines += shown.map { line(of: $0, since: now - $0.began, spinner, room, terminal.style) }
    if shown.count < items.count {
      lines.append(
        terminal.style.paint(TextWidth.clip("  … and \(items.count - shown.count) more", to: room), .dim)
      )
    }
    return lines
  }

  private func line(
    of phase: Phase,
    since seconds: Double,
    _ spinner: String,
    _ room: Int,
    _ style: Style
  ) -> String {
    var note = "  \(DurationText.of(Int(seconds)))"
    if let expected, phase == .update, expected > 0 {
      note += "  \(finished) of \(expected) done"
    } else if finished > 0 {
      note += "  \(finished) done"
    }
    let name = TextWidth.clip(phase.rawValue, to: room - 2)
    note = TextWidth.clip(note, to: max(0, room - 2 - TextWidth.of(name)))
    return style.paint(spinner, .info) + " " + style.paint(name, .strong) + style.paint(note, .dim)
  }

  private func line(
    of item: Item,
    since seconds: Double,
    _ spinner: String,
    _ room: Int,
    _ style: Style
  ) -> String {
    let words = StepWords(item.action)
    let time = "  \(DurationText.of(Int(seconds)))"
    let start = "  \(spinner) \(words.doing) "
    let address = TextWidth.clipMiddle(
      SafeText.line(item.address),
      to: max(4, room - TextWidth.of(start) - TextWidth.of(time))
    )
    guard TextWidth.of(start) + TextWidth.of(address) + TextWidth.of(time) <= room else {
      return TextWidth.clip(start + address + time, to: room)
    }
    return "  " + style.paint(spinner, words.role) + " \(words.doing) " + address + style.paint(time, .dim)
  }
}

/// The forms of a resource action's name.
struct StepWords {
  let doing: String
  let done: String
  let symbol: String
  let role: Style.Role
  /// Looking is not worth a line once it is over; changing is.
  let isChange: Bool

  init(_ action: String) {
    switch action {
    case "create": (doing, done, symbol, role, isChange) = ("creating", "created", "+", .create, true)
    case "update": (doing, done, symbol, role, isChange) = ("updating", "updated", "~", .update, true)
    case "delete", "destroy":
      (doing, done, symbol, role, isChange) = ("deleting", "deleted", "-", .delete, true)
    case "replace": (doing, done, symbol, role, isChange) = ("replacing", "replaced", "-/+", .delete, true)
    case "read": (doing, done, symbol, role, isChange) = ("reading", "read", "<=", .read, false)
    case "refresh": (doing, done, symbol, role, isChange) = ("refreshing", "refreshed", "<=", .read, false)
    default:
      (doing, done, symbol, role, isChange) =
        (SafeText.line(action), "\(SafeText.line(action)) done", "=", .read, false)
    }
  }
}
