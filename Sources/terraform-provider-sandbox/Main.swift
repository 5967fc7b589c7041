import PluginWire
import SandboxProvider
import TerraformPlugin

#if canImport(Glibc)
  import Glibc
#endif

@main
enum Main {
  static func main() async {
    let environment = Environment.all()
    do {
      let settings = SandboxSettings(
        executable: CommandLine.arguments[0],
        environment: environment,
        workingDirectory: Environment.folder()
      )
      let handshake = try Handshake(environment: environment, speaks: settings.protocols)
      // Terraform asks by a call; the terminal's signal reaches its whole group.
      signal(SIGINT, SIG_IGN)
      let sandbox = try settings.load {
        Environment.complain("panic: terraform-provider-sandbox crashes as it was told to")
        _exit(2)
      }
      try await PluginServer.serve(
        handshake,
        services: PluginProtocol.allCases.map {
          RawService($0.service, methods: ProviderMethods(sandbox, $0).methods)
        },
        announce: Environment.announce
      )
    } catch Handshake.Refusal.notStartedByTerraform {
      Environment.complain(
        """
        This is a plugin of Terraform that plays another provider and keeps what it makes in a file.
        It is not for running by hand: `stackjob sandbox install FOLDER` makes a mirror that Terraform uses.
        """
      )
      exit(1)
    } catch {
      Environment.complain("terraform-provider-sandbox: \(error)")
      exit(1)
    }
  }
}
