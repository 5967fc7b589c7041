package import StackModel

extension Wire {
  package struct Submission: WireDocument, Equatable {
    /// A `StackJob` document, or the envelope of a signed one, as text.
    package var document: String
    /// What the client found the job's stack to be. Of jobs of one stack one runs at a time.
    package var stack: String?
    package var by: String

    package init(document: String, stack: String?, by: String) {
      self.document = document
      self.stack = stack
      self.by = by
    }

    package var json: JSONValue {
      ["document": .string(document), "stack": .optional(stack), "by": .string(by)]
    }

    package init?(json: JSONValue) {
      guard let document = json["document"]?.string, let by = json["by"]?.string else { return nil }
      self.init(document: document, stack: json["stack"]?.string, by: by)
    }
  }

  /// Something asked of a job: the body of `cancel`, `approve`, `reject` and `rerun`.
  package struct Request: WireDocument, Equatable {
    package var by: String
    package var digest: String?
    package var reason: String?

    package init(by: String, digest: String? = nil, reason: String? = nil) {
      self.by = by
      self.digest = digest
      self.reason = reason
    }

    package var json: JSONValue {
      ["by": .string(by), "digest": .optional(digest), "reason": .optional(reason)]
    }

    package init?(json: JSONValue) {
      guard let by = json["by"]?.string else { return nil }
      self.init(by: by, digest: json["digest"]?.string, reason: json["reason"]?.string)
    }
  }

  /// Some of the jobs, in the order of submission.
  package struct JobPage: WireDocument {
    package var jobs: [QueuedJob]
    /// To be given as `after` for the next page; nil for the last.
    package var next: String?

    package init(jobs: [QueuedJob], next: String?) {
      self.jobs = jobs
      self.next = next
    }

    package var json: JSONValue { ["jobs": .array(jobs.map(\.json)), "next": .optional(next)] }

    package init?(json: JSONValue) {
      guard let list = json["jobs"]?.array else { return nil }
      jobs = list.compactMap(QueuedJob.init)
      guard jobs.count == list.count else { return nil }
      next = json["next"]?.string
    }
  }

  /// All that is known of a job.
  package struct JobView: WireDocument {
    package var job: QueuedJob
    package var artefacts: [Artefact]

    package init(job: QueuedJob, artefacts: [Artefact]) {
      self.job = job
      self.artefacts = artefacts
    }

    package var json: JSONValue { ["job": job.json, "artefacts": .array(artefacts.map(\.json))] }

    package init?(json: JSONValue) {
      guard let job = json["job"].flatMap(QueuedJob.init), let list = json["artefacts"]?.array else {
        return nil
      }
      artefacts = list.compactMap(Artefact.init)
      guard artefacts.count == list.count else { return nil }
      self.job = job
    }
  }

  package struct QueueState: WireDocument, Equatable {
    package var queued: Int
    package var running: Int
    /// Seconds since the oldest waiting job was submitted.
    package var oldest: Double

    package init(queued: Int, running: Int, oldest: Double) {
      self.queued = queued
      self.running = running
      self.oldest = oldest
    }

    package var json: JSONValue {
      [
        "protocol": .int(Wire.version), "queued": .int(queued), "running": .int(running),
        "oldest_seconds": .number(String(oldest)),
      ]
    }

    package init?(json: JSONValue) {
      guard json["protocol"]?.int == Wire.version, let queued = json["queued"]?.int,
        let running = json["running"]?.int
      else { return nil }
      self.init(queued: queued, running: running, oldest: json["oldest_seconds"]?.double ?? 0)
    }
  }

  /// Why something was not done.
  package struct Problem: WireDocument, Equatable {
    package var error: String
    /// Where a log has to be sent from, when that is what is wrong.
    package var offset: Int?

    package init(error: String, offset: Int? = nil) {
      self.error = error
      self.offset = offset
    }

    package var json: JSONValue {
      var object = JSONObject([("error", .string(error))])
      if let offset { object["offset"] = .int(offset) }
      return .object(object)
    }

    package init?(json: JSONValue) {
      guard let error = json["error"]?.string else { return nil }
      self.init(error: error, offset: json["offset"]?.int)
    }
  }
}
