import ArgumentParser
import Commands

@main
enum Main {
  static func main() async {
    StandardStreams.open()
    await Stackjob.main(nil)
    StandardStreams.close()
  }
}
