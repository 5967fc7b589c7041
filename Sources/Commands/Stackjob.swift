package import ArgumentParser

/// The command line. Each verb has a file of its own under `Verbs`.
///
/// Each says its name: without one the parser derives it from the type's name, by casts that search
/// all conformances of the binary, and every command would start a millisecond later.
package struct Stackjob: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "stackjob",
    abstract: "From a service's manifest to running infrastructure.",
    discussion: """
      Checks a manifest, turns it into a Terraform module, runs Terraform or OpenTofu, and tells what \
      happens as events.

      EXAMPLES
        stackjob validate service.yaml
        stackjob plan service.yaml --image shop/web:1.4.2
        stackjob apply service.yaml --image shop/web:1.4.2

      EXIT CODES
        0 done   1 failed   2 changes found   3 waits for approval   64 usage   65 bad manifest or data   69 tool not
        available   75 stack locked   77 credentials refused   130 cancelled
      """,
    version: Version.text,
    groupedSubcommands: [
      CommandGroup(
        name: "Manifests",
        subcommands: [Validate.self, ExplainCommand.self, Kinds.self, Render.self, ReferencesCommand.self]
      ),
      CommandGroup(
        name: "Stacks",
        subcommands: [
          Plan.self, Apply.self, Destroy.self, Refresh.self, Drift.self, Outputs.self, Status.self,
          StateGroup.self,
        ]
      ),
      CommandGroup(
        name: "Queues",
        subcommands: [
          Submit.self, WorkerCommand.self, Jobs.self, JobGroup.self, Logs.self, Cancel.self, Rerun.self,
          ConformanceCommand.self,
        ]
      ),
      CommandGroup(
        name: "Deployments",
        subcommands: [Deploy.self, Resume.self, Runs.self, RunCommand.self]
      ),
      CommandGroup(name: "Decisions", subcommands: [Approve.self, Reject.self]),
      CommandGroup(
        name: "Service repositories",
        subcommands: [Overlays.self, DotEnv.self, EnvVars.self, KustomizeCommand.self]
      ),
      CommandGroup(
        name: "This machine",
        subcommands: [
          Supervise.self, ProviderSpare.self, Doctor.self, SandboxCommand.self, Completion.self,
          VersionCommand.self,
        ]
      ),
    ]
  )

  package init() {}
}
