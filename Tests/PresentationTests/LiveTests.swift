import Presentation
import StackModel
import Testing

struct LiveTests {
  private static let terminal = Terminal(isTerminal: true, isLive: true, width: 60, height: 16)

  private static func screen(_ text: String, _ terminal: Terminal = terminal) -> ScreenEmulator {
    var screen = ScreenEmulator(width: terminal.width, height: terminal.height)
    screen.feed(text)
    return screen
  }

  @Test func `what runs stands at the bottom with its seconds`() {
    let written = Written()
    let presenter = TextPresenter(
      terminal: Self.terminal,
      clock: { written.seconds },
      write: { written.append($0) }
    )
    let script = Script(
      "live",
      Scripts.opening(.update) + [
        .phaseStarted(.update),
        .resourceStarted(ResourceStep(address: "aws_lb.this", action: "create")),
        .resourceStarted(
          ResourceStep(
            address: "module.network.module.private.aws_subnet.this[\"eu-central-1a\"]",
            action: "create"
          )
        ),
        .resourceStarted(ResourceStep(address: "aws_ecs_cluster.this", action: "create")),
        .resourceFinished(ResourceStep(address: "aws_ecs_cluster.this", action: "create", seconds: 1)),
      ]
    )
    for event in script.events { presenter.handle(event) }
    written.seconds = 12
    presenter.tick()
    let screen = Self.screen(written.text)
    #expect(!screen.isCursorVisible)
    #expect(
      screen.text.hasSuffix(
        """
        ✓ init 1.2s
        ✓ preview 3.5s
          + aws_ecs_cluster.this: created in 1s
        ⠙ update  12s  1 done
          ⠙ creating aws_lb.this  12s
          ⠙ creating module.network.modul…his["eu-central-1a"]  12s

        """
      )
    )
    #expect(screen.widest < 60)
  }

  @Test(arguments: [20, 40, 61, 200])
  func `no live line is wider than the terminal`(width: Int) {
    for script in Scripts.all {
      let terminal = Terminal(isTerminal: true, isLive: true, hasColor: true, width: width, height: 10)
      let written = script.text(terminal, tickEach: true)
      let frames = written.split(separator: "\n").filter { $0.contains("\u{1B}[K") }
      for frame in frames {
        var screen = ScreenEmulator(width: width, height: 10)
        screen.feed(String(frame))
        #expect(screen.widest < width)
      }
    }
  }

  @Test(arguments: Scripts.all.indices)
  func `after the job the screen holds what plain text would, and the cursor`(index: Int) {
    let script = Scripts.all[index]
    let terminal = Terminal(isTerminal: true, isLive: true, hasColor: true, width: 100, height: 400)
    let screen = Self.screen(script.text(terminal, tickEach: true), terminal)
    #expect(screen.isCursorVisible)
    // Progress is told by the live lines instead.
    let plain = script.text().split(separator: "\n", omittingEmptySubsequences: false).filter {
      $0.firstMatch(of: /^    .*: still (creating|updating|deleting) after/) == nil
    }
    // What counts as far above differs by the lines of progress.
    if script.name != "failed" { #expect(screen.text == plain.joined(separator: "\n")) }
  }

  @Test func `many running resources do not fill the window`() {
    let written = Written()
    let presenter = TextPresenter(
      terminal: Self.terminal,
      clock: { written.seconds },
      write: { written.append($0) }
    )
    let bodies: [JobEvent.Body] =
      [.phaseStarted(.update)]
      + (1...40).map { .resourceStarted(ResourceStep(address: "aws_subnet.this[\($0)]", action: "create")) }
    for event in Script("many", bodies).events {
      presenter.handle(event)
      presenter.tick()
    }
    let screen = Self.screen(written.text)
    #expect(screen.rows.count <= 16 && !screen.reachedAboveWindow)
    #expect(screen.text.contains("… and 29 more"))
  }

  @Test func `a request to stop gives the cursor back for good`() {
    let written = Written()
    let presenter = TextPresenter(
      terminal: Self.terminal,
      clock: { written.seconds },
      write: { written.append($0) }
    )
    for event in Script("stop", [.phaseStarted(.update)]).events { presenter.handle(event) }
    presenter.tick()
    #expect(!Self.screen(written.text).isCursorVisible)
    for event in Script("stop", [.interrupted(Interruption(step: .stopping, message: "Stopping."))]).events {
      presenter.handle(event)
    }
    presenter.tick()
    let screen = Self.screen(written.text)
    #expect(screen.isCursorVisible)
    #expect(screen.text.contains("! Stopping.\n⠹ update"))
  }

  @Test func `nothing is drawn while a question waits for its answer`() {
    let written = Written()
    let presenter = TextPresenter(
      terminal: Self.terminal,
      clock: { written.seconds },
      write: { written.append($0) }
    )
    let script = Script(
      "ask",
      [
        .phaseStarted(.approval), .approvalRequested(digest: ""),
        .phaseFinished(.approval, .succeeded, seconds: 3),
      ]
    )
    presenter.handle(script.events[0])
    presenter.tick()
    presenter.handle(script.events[1])
    let asked = written.text
    #expect(Self.screen(asked).text.allSatisfy(\.isWhitespace) && Self.screen(asked).isCursorVisible)
    presenter.tick()
    #expect(written.text == asked)
  }

  @Test func `a finished presenter writes nothing more`() {
    let written = Written()
    let presenter = TextPresenter(
      terminal: Self.terminal,
      clock: { written.seconds },
      write: { written.append($0) }
    )
    for event in Scripts.noChanges.events { presenter.handle(event) }
    presenter.finish()
    let text = written.text
    presenter.finish()
    presenter.tick()
    #expect(written.text == text)
  }
}
