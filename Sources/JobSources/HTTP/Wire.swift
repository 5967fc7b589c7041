package import StackModel

/// What a worker, a client and a server send each other; `docs/protocol.md` describes it.
///
/// Readers ignore members that they do not know, so that a server may be newer than a worker.
package enum Wire {
  package static let version = 1
  /// Carries the fencing token of the claim in whose name a worker writes.
  package static let tokenHeader = "stackjob-token"
  /// The position of the first byte of a piece of a log.
  package static let offsetHeader = "stackjob-offset"
  package static let digestHeader = "stackjob-sha256"
}

/// A document that can be read back from its JSON.
package protocol WireDocument: Sendable {
  var json: JSONValue { get }
  init?(json: JSONValue)
}

extension QueuedJob: WireDocument {}

extension Wire {
  /// What a server wants of a worker as a whole, and of one of its jobs.
  package struct Control: WireDocument, Equatable {
    /// Who asked that the job be stopped.
    package var cancelBy: String?
    /// Claim nothing for now.
    package var pause = false
    /// Claim nothing more, and end.
    package var drain = false

    package init(cancelBy: String? = nil, pause: Bool = false, drain: Bool = false) {
      self.cancelBy = cancelBy
      self.pause = pause
      self.drain = drain
    }

    package var json: JSONValue {
      [
        "cancel": cancelBy.map { ["by": .string($0)] } ?? .null, "pause": .bool(pause), "drain": .bool(drain),
      ]
    }

    package init?(json: JSONValue) {
      guard json.object != nil else { return nil }
      cancelBy = json["cancel"]?.unlessNull.map { $0["by"]?.string ?? "the server" }
      pause = json["pause"]?.bool ?? false
      drain = json["drain"]?.bool ?? false
    }
  }

  package struct ClaimRequest: WireDocument, Equatable {
    /// New for each claim, and the same when it is asked for again: the same claim is the answer then.
    package var request: String
    /// Which worker, for people.
    package var worker: String
    /// The machine, or what on it has a life of its own.
    package var place: String
    /// Seconds that the server may take until it answers that there is nothing.
    package var wait: Int

    package init(request: String, worker: String, place: String, wait: Int) {
      self.request = request
      self.worker = worker
      self.place = place
      self.wait = wait
    }

    package var json: JSONValue {
      [
        "protocol": .int(Wire.version), "request": .string(request), "worker": .string(worker),
        "place": .string(place), "wait": .int(wait),
      ]
    }

    package init?(json: JSONValue) {
      guard let request = json["request"]?.string, let worker = json["worker"]?.string,
        let place = json["place"]?.string, let wait = json["wait"]?.int
      else { return nil }
      self.init(request: request, worker: worker, place: place, wait: wait)
    }
  }

  /// A file that belongs to a job.
  package struct Artefact: WireDocument, Equatable {
    /// For example `attempts/1/result.md` or `plan/plan.json`.
    package var name: String
    package var size: Int
    package var sha256: String

    package init(name: String, size: Int, sha256: String) {
      self.name = name
      self.size = size
      self.sha256 = sha256
    }

    package var json: JSONValue {
      ["name": .string(name), "size": .int(size), "sha256": .string(sha256)]
    }

    package init?(json: JSONValue) {
      guard let name = json["name"]?.string, let size = json["size"]?.int,
        let sha256 = json["sha256"]?.string, Self.isLegal(name)
      else { return nil }
      self.init(name: name, size: size, sha256: sha256)
    }

    /// A path below a folder of ours, of plain characters; a server does not get to write elsewhere.
    package static func isLegal(_ name: String) -> Bool {
      let parts = name.split(separator: "/", omittingEmptySubsequences: false)
      return name.utf8.count <= 300
        && parts.allSatisfy { part in
          !part.isEmpty && part != "." && part != ".."
            && part.utf8.allSatisfy { byte in
              switch byte {
              case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
              default: false
              }
            }
        }
    }
  }

  /// The right to run one attempt of a job.
  package struct Claim: WireDocument {
    package var job: QueuedJob
    /// As it was submitted.
    package var document: String
    package var token: Int
    package var lease: Lease
    /// Who approved which plan, for the step `apply-plan`.
    package var decision: JSONValue?
    /// The plan's files, for the step `apply-plan`.
    package var artefacts: [Artefact]

    package init(
      job: QueuedJob,
      document: String,
      token: Int,
      lease: Lease,
      decision: JSONValue? = nil,
      artefacts: [Artefact] = []
    ) {
      self.job = job
      self.document = document
      self.token = token
      self.lease = lease
      self.decision = decision
      self.artefacts = artefacts
    }

    package var json: JSONValue {
      [
        "job": job.json, "document": .string(document), "token": .int(token), "lease": lease.json,
        "decision": decision ?? .null, "artefacts": .array(artefacts.map(\.json)),
      ]
    }

    package init?(json: JSONValue) {
      guard let job = json["job"].flatMap(QueuedJob.init), StackJob.isLegalID(job.id), job.attempts > 0,
        let document = json["document"]?.string, let token = json["token"]?.int,
        let lease = json["lease"].flatMap(Lease.init)
      else { return nil }
      let listed = json["artefacts"]?.array ?? []
      let artefacts = listed.compactMap(Artefact.init)
      guard artefacts.count == listed.count else { return nil }
      self.init(
        job: job,
        document: document,
        token: token,
        lease: lease,
        decision: json["decision"]?.unlessNull,
        artefacts: artefacts
      )
    }
  }

  /// How long a claim holds, and how often a worker should say that it lives.
  package struct Lease: WireDocument, Equatable {
    package var seconds: Double
    package var renewSeconds: Double

    package init(seconds: Double, renewSeconds: Double) {
      self.seconds = seconds
      self.renewSeconds = renewSeconds
    }

    package var json: JSONValue {
      ["seconds": .number(String(seconds)), "renew_seconds": .number(String(renewSeconds))]
    }

    package init?(json: JSONValue) {
      guard let seconds = json["seconds"]?.double, let renew = json["renew_seconds"]?.double, seconds > 0,
        renew > 0, renew < seconds
      else { return nil }
      self.init(seconds: seconds, renewSeconds: renew)
    }
  }

  package struct ClaimReply: WireDocument {
    /// Nil when there is nothing to run but something to say.
    package var claim: Claim?
    package var control: Control

    package init(claim: Claim?, control: Control) {
      self.claim = claim
      self.control = control
    }

    package var json: JSONValue { ["claim": claim?.json ?? .null, "control": control.json] }

    package init?(json: JSONValue) {
      guard let control = json["control"].flatMap(Control.init), let member = json["claim"] else {
        return nil
      }
      self.control = control
      guard !member.isNull else { return }
      guard let claim = Claim(json: member) else { return nil }
      self.claim = claim
    }
  }

  package struct LeaseRequest: WireDocument, Equatable {
    package var attempt: Int
    /// True from the moment on that the engine may be started: from then on nobody else gets the job.
    package var started: Bool
    /// What the worker found the job's stack to be.
    package var stack: String?

    package init(attempt: Int, started: Bool, stack: String?) {
      self.attempt = attempt
      self.started = started
      self.stack = stack
    }

    package var json: JSONValue {
      ["attempt": .int(attempt), "started": .bool(started), "stack": .optional(stack)]
    }

    package init?(json: JSONValue) {
      guard let attempt = json["attempt"]?.int, let started = json["started"]?.bool else { return nil }
      self.init(attempt: attempt, started: started, stack: json["stack"]?.string)
    }
  }

  /// The answer to a renewal, and to a piece of the log.
  package struct LeaseReply: WireDocument, Equatable {
    package var lease: Lease
    /// How many bytes of the attempt's log the server has: where the worker goes on.
    package var offset: Int
    package var control: Control

    package init(lease: Lease, offset: Int, control: Control) {
      self.lease = lease
      self.offset = offset
      self.control = control
    }

    package var json: JSONValue {
      ["lease": lease.json, "offset": .int(offset), "control": control.json]
    }

    package init?(json: JSONValue) {
      guard let lease = json["lease"].flatMap(Lease.init), let offset = json["offset"]?.int, offset >= 0,
        let control = json["control"].flatMap(Control.init)
      else { return nil }
      self.init(lease: lease, offset: offset, control: control)
    }
  }
}

extension JSONValue {
  /// `nil` as a literal would be a null here, and not the absence of a value.
  fileprivate var unlessNull: JSONValue? { isNull ? Optional<JSONValue>.none : .some(self) }
}
