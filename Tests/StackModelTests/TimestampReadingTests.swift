import StackModel
import Testing

@Suite struct TimestampReadingTests {
  @Test(arguments: [
    0, 1, 951_782_400_000, 1_772_357_400_250, 4_102_444_799_999, -86_400_000, 253_402_300_799_999,
  ]) func `a moment that was written reads as the same moment`(milliseconds: Int64) {
    let moment = Timestamp(milliseconds: milliseconds)
    #expect(Timestamp(moment.description) == moment)
  }

  @Test(arguments: [
    "", "2026-03-01", "2026-03-01T09:30:00", "2026-03-01 09:30:00Z", "2026-13-01T09:30:00Z",
    "2026-03-01T25:30:00Z", "2026-03-01T09:30:00.Z", "2026-03-01T09:30:00.2x0Z",
  ]) func `what is no moment reads as none`(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func `a fraction may have one digit or many`() {
    #expect(Timestamp("1970-01-01T00:00:01.5Z")?.milliseconds == 1500)
    #expect(Timestamp("1970-01-01T00:00:01.123456Z")?.milliseconds == 1123)
    #expect(Timestamp("1970-01-01T00:00:01Z")?.milliseconds == 1000)
  }
}
