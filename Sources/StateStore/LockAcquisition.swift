import Linux

/// How a command acquires the lock of an id's directory: one system call at a time,
/// as a value, so that a test can put every other command between any two of them.
///
/// A name may mean another directory at each call: a `delete` and another `create` fit between
/// mkdir(2), open(2) and flock(2). So what counts is what is seen with the lock held: that the
/// directory still bears the name and, for a `create`, that it has no record.
package struct LockAcquisition: Hashable, Sendable {
  /// What the lock is for.
  package enum Purpose: Hashable, Sendable {
    /// For a `create`: the id must be free.
    case new
    /// For a command on a container that exists.
    case existing
    /// The caller has the directory open already.
    case opened
  }

  /// The system call that comes next.
  package enum Call: Hashable, Sendable {
    /// mkdir(2) of the name: `done`, or `present`.
    case makeDirectory
    /// open(2) of the name: `done`, or `absent`.
    case open
    /// flock(2) of what was opened, for as long as it takes: `done`, or `absent` if it was removed.
    case lock
    /// statx(2) of the name and of what is locked: `done` if both are one file, else `absent`.
    case compare
    /// Whether the locked directory has a record: `present` or `absent`.
    case findRecord
  }

  /// The outcome of a call.
  package enum Answer: Hashable, Sendable {
    case done, present, absent
  }

  /// How it ended.
  package enum Outcome: Hashable, Sendable {
    case taken, alreadyExists, doesNotExist
    /// Other commands interfered at each attempt.
    case contended
  }

  private let purpose: Purpose
  package private(set) var call: Call
  private var attempts = 0

  package init(_ purpose: Purpose) {
    self.purpose = purpose
    call =
      switch purpose {
      case .new: .makeDirectory
      case .existing: .open
      case .opened: .lock
      }
  }

  /// Takes the answer to `call`. The end if there is one, else `call` is the next.
  package mutating func proceed(_ answer: Answer) -> Outcome? {
    switch (call, answer) {
    case (.makeDirectory, .present): return .alreadyExists
    case (.makeDirectory, _): call = .open
    case (.open, .absent), (.lock, .absent), (.compare, .absent): return again()
    case (.open, _): call = .lock
    case (.lock, _): call = .compare
    case (.compare, _):
      if purpose != .new { return .taken }
      call = .findRecord
    // Made or found by us, and taken by another `create` before we had the lock.
    case (.findRecord, .present): return .alreadyExists
    case (.findRecord, _): return .taken
    }
    return nil
  }

  /// The directory is gone: for a `create` the id is free then.
  private mutating func again() -> Outcome? {
    guard purpose == .new else { return .doesNotExist }
    attempts += 1
    if attempts == 64 { return .contended }
    call = .makeDirectory
    return nil
  }
}

extension StateDirectory {
  /// Performs the calls of `LockAcquisition`.
  static func take(
    _ purpose: LockAcquisition.Purpose, _ id: ContainerID, below parent: SharedDescriptor,
    directory: StateDirectory? = nil, milliseconds: Int64 = StateLock.timeout
  ) throws(StateError) -> (StateDirectory, StateLock) {
    var acquisition = LockAcquisition(purpose)
    var directory = directory
    var lock: StateLock?
    while true {
      let answer: LockAcquisition.Answer
      do throws(StateError) {
        switch (acquisition.call, directory) {
        case (.makeDirectory, _):
          // What may have been locked no longer has the name.
          (directory, lock) = (nil, nil)
          answer = try make(id, below: parent)
        case (.open, _), (_, nil):
          directory = try found { () throws(StateError) in try open(id, below: parent) }
          answer = directory == nil ? .absent : .done
        case (.lock, let directory?):
          lock = try found { () throws(StateError) in
            try StateLock(on: directory.handle, of: id, milliseconds: milliseconds)
          }
          answer = lock == nil ? .absent : .done
        case (.compare, let directory?): answer = try directory.isPresent() ? .done : .absent
        case (.findRecord, let directory?): answer = try directory.hasRecord() ? .present : .absent
        }
      } catch {
        if case .system = error, purpose == .new, acquisition.call != .makeDirectory {
          // If still empty: otherwise an id would stay that can be neither used nor found.
          do throws(SyscallError) { try parent.handle.removeDirectory(id.text) } catch {}
        }
        throw error
      }
      switch acquisition.proceed(answer) {
      case nil: continue
      case .taken?:
        guard let directory, let lock else { throw .doesNotExist }
        return (directory, lock)
      case .alreadyExists?: throw .alreadyExists
      case .doesNotExist?: throw .doesNotExist
      case .contended?: throw .busy(id)
      }
    }
  }

  private static func found<Value>(_ body: () throws(StateError) -> Value) throws(StateError)
    -> Value?
  {
    do throws(StateError) { return try body() } catch {
      if case .doesNotExist = error { return nil }
      throw error
    }
  }

  private static func make(_ id: ContainerID, below parent: SharedDescriptor) throws(StateError)
    -> LockAcquisition.Answer
  {
    do throws(SyscallError) { try parent.handle.makeDirectory(id.text, mode: 0o700) } catch {
      if error.errno == .EEXIST { return .present }
      throw .system(error)
    }
    return .done
  }

  private func isPresent() throws(StateError) -> Bool {
    do throws(SyscallError) {
      let own = try handle.status()
      return try root.handle.status(ofEntry: id.text).isSameFile(as: own)
    } catch {
      if error.errno == .ENOENT { return false }
      throw .system(error)
    }
  }

  private func hasRecord() throws(StateError) -> Bool {
    do throws(SyscallError) { _ = try handle.status(ofEntry: StateDirectory.recordName) } catch {
      if error.errno == .ENOENT { return false }
      throw .system(error)
    }
    return true
  }
}
