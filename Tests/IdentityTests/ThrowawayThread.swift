import Glibc

/// Runs `body` on a thread that ends afterwards, and gives its answer.
///
/// Credentials, capabilities, scheduling and memory policy belong to a thread as far as the kernel is
/// concerned, and our calls are the kernel's own: what `body` gives up, no other test loses.
func onThrowawayThread(_ body: @escaping @Sendable () -> Bool) -> Bool {
  final class Work: @unchecked Sendable {
    let body: () -> Bool
    var answer = false
    init(_ body: @escaping () -> Bool) { self.body = body }
  }
  let work = Work(body)
  var thread = pthread_t()
  let argument = unsafe Unmanaged.passRetained(work).toOpaque()
  let status = unsafe pthread_create(
    &thread, nil,
    { argument in
      guard let argument = unsafe argument else { return nil }
      let work = unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
      work.answer = work.body()
      return nil
    }, argument)
  guard status == 0 else { return false }
  return pthread_join(thread, nil) == 0 && work.answer
}
