import LocalFiles

/// The jobs of a stack that are over.
struct JobHistory {
  /// How many jobs' journals are kept.
  static let retained = 100

  private let jobs: String

  init(_ folder: StackFolder) { jobs = "\(folder.path)/jobs" }

  /// Removes the oldest jobs. One whose workspace is still there holds something that is nowhere
  /// else, and stays. Job ids sort by time.
  func prune() {
    let ids = (try? LocalFiles.list(jobs)) ?? []
    for id in ids.dropLast(Self.retained) where !LocalFiles.exists(JobFolder(path: "\(jobs)/\(id)").workspace)
    {
      try? LocalFiles.removeTree("\(jobs)/\(id)")
    }
  }

  /// States that an engine could not hand over, in the workspaces of jobs that ended badly.
  func erroredStates() -> [String] {
    ((try? LocalFiles.list(jobs)) ?? [])
      .map { Workspace(path: JobFolder(path: "\(jobs)/\($0)").workspace).erroredState }
      .filter(LocalFiles.isFile)
  }
}
