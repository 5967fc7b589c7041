import ArgumentParser
import LocalFiles
import Manifests
import StackModel

/// What every command starts from: where things are, what the user has set, which kinds there are.
struct Session: Sendable {
  let environment: [String: String]
  let locations: Locations
  /// Providers are played; all that is kept is kept apart from what is real.
  let isSandbox: Bool
  var settings: Settings
  let catalog: KindCatalog

  /// - Parameter templates: folders of kinds from the command line.
  static func open(templates: [String], sandbox: Bool = false) throws -> Session {
    let environment = ProcessEnvironment.read()
    var locations = Locations(environment: environment)
    if sandbox { locations.stateHome += "/sandbox" }
    let (settings, problems) = Settings.load(locations)
    try Console.require(problems)
    for folder in templates where !LocalFiles.isFolder(folder) {
      // Passed over, it would leave the built-in kind where the user means one of their own.
      throw ValidationError("--templates \(folder): there is no such folder")
    }
    let roots = locations.templateRoots(flags: templates, settings: settings.templates)
    guard !roots.isEmpty else {
      try Console.require([
        .error(
          "kinds.none",
          "no folder of kinds was found",
          hint: "name the folder that holds `templates` and `providers` in STACKJOB_HOME, or give --templates"
        )
      ])
      throw StackModel.ExitCode.badData.thrown
    }
    return Session(
      environment: environment,
      locations: locations,
      isSandbox: sandbox,
      settings: settings,
      catalog: KindCatalog(roots: roots)
    )
  }

  /// Reads the manifests and ends the command when one of them is bad. Warnings go to standard error.
  ///
  /// - Parameter needsImage: false for an operation that deploys nothing.
  func manifests(_ options: ManifestOptions, needsImage: Bool = true) throws -> [Manifest] {
    let (manifests, problems) = ManifestLoading.load(
      options,
      catalog: catalog,
      keepsSecretVariables: settings.keepsSecretVariables,
      needsImage: needsImage
    )
    try Console.require(problems)
    return manifests
  }

  /// The same for what needs the values behind references.
  func resolvedManifests(_ options: ManifestOptions) async throws -> [Manifest] {
    let (manifests, problems) = await loadResolved(options)
    try Console.require(problems)
    return manifests
  }

  /// Reads manifests and asks for what their references stand for: the files of `--references` first, then the
  /// sources of the settings.
  func loadResolved(
    _ options: ManifestOptions,
    needsImage: Bool = true
  ) async -> (manifests: [Manifest], diagnostics: [Diagnostic]) {
    let hasSources = !settings.references.isEmpty
    let (manifests, problems) = ManifestLoading.load(
      options,
      catalog: catalog,
      keepsSecretVariables: settings.keepsSecretVariables,
      needsImage: needsImage,
      resolves: !hasSources
    )
    // Nobody is asked for the sake of a manifest that will be refused.
    guard hasSources, !problems.hasErrors else { return (manifests, problems) }
    let (resolved, open) = await ReferenceSetup(session: self).resolve(manifests, files: options.references)
    return (resolved, problems + open)
  }
}

extension StackModel.ExitCode {
  /// What a command throws to end with this code without a further message.
  var thrown: ArgumentParser.ExitCode { ArgumentParser.ExitCode(rawValue) }
}
