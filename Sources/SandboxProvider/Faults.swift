import LocalFiles
package import StackModel
import Synchronization
package import TerraformPlugin

/// One thing that should go wrong.
package struct Fault: Sendable {
  package enum Moment: String, Sendable { case plan, apply, destroy, read, configure }

  package enum Effect: String, Sendable {
    /// An error, with a path where one is given.
    case fail
    /// A warning, after which all goes on.
    case warn
    /// Never answers; ends when Terraform asks the provider to stop.
    case hang
    /// Answers late.
    case slow
    /// Ends the process as a Go program does that panics.
    case crash
    /// The object is gone before it is read.
    case forget
    /// Values of the object change before it is read.
    case change
  }

  package var moment: Moment
  package var effect: Effect
  package var type: String?
  package var id: String?
  /// Counts the calls that fit, in one process of the provider; nil is each of them.
  package var nth: Int?
  package var summary: String
  package var detail: String
  package var path: AttributePath?
  /// After a failed apply the change is there all the same, as after a roll-out that timed out.
  package var keepsChange: Bool
  /// A hang that does not heed Terraform's wish to stop.
  package var isDeaf: Bool
  package var seconds: Double
  /// By place, for example `spec.0.replicas`.
  package var values: [(place: String, value: JSONValue)]

  package init(_ json: JSONValue) throws(RecordingError) {
    guard let effect = json["do"]?.string.flatMap(Effect.init) else {
      throw RecordingError(
        "a fault needs \"do\" with fail, warn, hang, slow, crash, forget or change: \(json.text())"
      )
    }
    self.effect = effect
    let usual: Moment = effect == .forget || effect == .change ? .read : .apply
    if let name = json["when"]?.string {
      guard let moment = Moment(rawValue: name) else {
        throw RecordingError("a fault's \"when\" is plan, apply, destroy, read or configure, not \(name)")
      }
      self.moment = moment
    } else {
      moment = usual
    }
    type = json["type"]?.string
    id = json["id"]?.string
    nth = json["nth"]?.int
    summary = json["summary"]?.string ?? "Failed as the sandbox was told to"
    detail = json["detail"]?.string ?? ""
    path = json["path"]?.array.map {
      AttributePath(
        $0.compactMap { $0.int.map(AttributePath.Step.index) ?? $0.string.map(AttributePath.Step.attribute) }
      )
    }
    keepsChange = json["keep"]?.bool ?? false
    isDeaf = json["deaf"]?.bool ?? false
    seconds = json["seconds"]?.double ?? 1
    values = json["values"]?.object?.members.map { ($0.key, $0.value) } ?? []
  }

  /// - Parameter setting: JSON text, or the path of a file with it; nil and empty are no faults.
  package static func list(_ setting: String?) throws -> [Fault] {
    guard let setting, !setting.isEmpty else { return [] }
    let isText = setting.hasPrefix("[") || setting.hasPrefix("{")
    let json = try JSONValue(parsing: isText ? Array(setting.utf8) : try LocalFiles.read(setting))
    return try (json["faults"]?.array ?? json.array ?? [json]).map { try Fault($0) }
  }
}

/// The faults of one process and how often each has had its chance.
package final class FaultPlan: Sendable {
  private let faults: [Fault]
  private let seen: Mutex<[Int: Int]> = Mutex([:])

  package init(_ faults: [Fault]) { self.faults = faults }

  /// Those that strike now. Every fault that fits counts the call.
  package func striking(_ moment: Fault.Moment, type: String = "", id: String? = nil) -> [Fault] {
    seen.withLock { seen in
      faults.enumerated().compactMap { index, fault in
        guard fault.moment == moment, fault.type.map({ $0 == type }) ?? true,
          fault.id.map({ $0 == id }) ?? true
        else { return nil }
        seen[index, default: 0] += 1
        return fault.nth.map { $0 == seen[index] } ?? true ? fault : nil
      }
    }
  }
}
