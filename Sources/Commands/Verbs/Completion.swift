import ArgumentParser

struct Completion: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion",
    abstract: "Print the completion script of a shell.",
    discussion: """
      EXAMPLES
        stackjob completion bash > /etc/bash_completion.d/stackjob
        stackjob completion zsh > ~/.zfunc/_stackjob
        stackjob completion fish > ~/.config/fish/completions/stackjob.fish
      """
  )

  enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() {
    Console.print(Stackjob.completionScript(for: CompletionShell(rawValue: shell.rawValue) ?? .bash))
  }
}
