import ArgumentParser
import LocalFiles
import SandboxMirror
import StackModel

struct SandboxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox",
    abstract: "Run Terraform with providers that call no service.",
    discussion: """
      The sandbox has the schemas of real providers and keeps what it makes in a file. It never \
      stands for the real thing: every plan and apply made with it says so.
      """,
    subcommands: [Install.self]
  )

  struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lay out a provider mirror for Terraform and OpenTofu.",
      discussion: """
        EXAMPLES
          stackjob sandbox install .sandbox
          export TF_CLI_CONFIG_FILE=$PWD/.sandbox/terraform.rc
          export STACKJOB_SANDBOX_STATE=$PWD/world.json
          terraform init && terraform apply
        """
    )

    @Argument(
      help: ArgumentHelp("The folder; it is made if it is not there.", valueName: "folder"),
      completion: .directory
    )
    var folder: String

    @Option(
      help: ArgumentHelp(
        "The sandbox's binary. Without it, terraform-provider-sandbox beside stackjob.",
        valueName: "file"
      ),
      completion: .file()
    )
    var binary: String?

    func run() throws {
      let locations = Locations(environment: ProcessEnvironment.read())
      let beside = LocalFiles.parent(of: Locations.executablePath())
      do {
        let packages = try SandboxMirror.install(
          into: folder,
          binary: binary ?? "\(beside)/terraform-provider-sandbox",
          providerRoots: locations.providerRoots
        )
        for package in packages { Console.print("\(package.source) \(package.version)") }
        Console.print("TF_CLI_CONFIG_FILE=\(SandboxMirror.cliConfiguration(in: LocalFiles.absolute(folder)))")
      } catch {
        try Console.require([.error("sandbox.install", "\(error)")])
      }
    }
  }
}
