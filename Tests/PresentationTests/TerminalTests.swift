import Presentation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

struct TerminalTests {
  /// A pseudo-terminal of 132 columns; the program side of it.
  private static func withTerminal(_ body: (Int32) -> Void) {
    let leader = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    defer { close(leader) }
    // TIOCSPTLCK and TIOCGPTN: Swift imports neither these nor the functions made of them.
    var (lock, number): (Int32, Int32) = (0, -1)
    _ = ioctl(leader, 0x4004_5431, &lock)
    _ = ioctl(leader, 0x8004_5430, &number)
    let follower = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    defer { close(follower) }
    var size = winsize(ws_row: 50, ws_col: 132, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(follower, UInt(TIOCSWINSZ), &size)
    body(follower)
  }

  @Test func `a terminal is live and coloured unless the environment says no`() {
    Self.withTerminal { descriptor in
      func detect(_ environment: [String: String]) -> Terminal {
        .detect(descriptor: descriptor, environment: environment)
      }
      let terminal = detect(["TERM": "xterm-256color"])
      #expect(terminal.isTerminal && terminal.isLive && terminal.hasColor)
      #expect(terminal.width == 132 && terminal.height == 50)

      let uncolored = detect(["NO_COLOR": "1", "CLICOLOR_FORCE": "1"])
      #expect(uncolored.isLive && !uncolored.hasColor)
      #expect(detect(["NO_COLOR": ""]).hasColor)

      let dumb = detect(["TERM": "dumb"])
      #expect(dumb.isTerminal && !dumb.isLive && !dumb.hasColor)

      let ci = detect(["CI": "true"])
      #expect(!ci.isLive && !ci.hasColor && ci.width == Terminal.plainWidth)
      #expect(detect(["CI": "true", "CLICOLOR_FORCE": "1"]).hasColor)
      #expect(detect(["CI": "false"]).isLive)
    }
  }

  @Test func `a file is plain, of a fixed width, coloured only by force`() {
    let descriptor = open("/dev/null", O_WRONLY)
    defer { close(descriptor) }
    let plain = Terminal.detect(descriptor: descriptor, environment: ["TERM": "xterm", "COLUMNS": "33"])
    #expect(!plain.isTerminal && !plain.isLive && !plain.hasColor && plain.width == Terminal.plainWidth)
    #expect(Terminal.detect(descriptor: descriptor, environment: ["CLICOLOR_FORCE": "1"]).hasColor)
    #expect(!Terminal.detect(descriptor: descriptor, environment: ["CLICOLOR_FORCE": "0"]).hasColor)
  }
}
