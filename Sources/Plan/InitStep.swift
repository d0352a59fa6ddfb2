package import Bytes

/// One thing that init, or the process of an `exec`, does to itself before it is the program.
///
/// A step carries all that it sets; whoever performs it adds descriptors of the host and what earlier
/// steps found. Each kind is an enum of its own with a title, a pointer and a reason for every case,
/// and `Launch` has one performer for every kind: the compiler holds that no case is forgotten.
package indirect enum InitStep: Equatable, Sendable {
  /// Of the process itself: what it shows, its session, its descriptors.
  case process(ProcessStep)
  case namespace(NamespaceStep)
  /// Init tells the parent, which does its part and answers.
  case sync(SyncStep)
  case mount(MountStep)
  case identity(IdentityStep)
  /// From the search for the program to execve.
  case program(ProgramStep)
}

extension InitStep {
  /// The step with its subject, for an error and for the plan as text.
  package var title: ByteString {
    switch self {
    case .process(let step): step.title
    case .namespace(let step): step.title
    case .sync(let step): step.title
    case .mount(let step): step.title
    case .identity(let step): step.title
    case .program(let step): step.title
    }
  }

  /// Where in `config.json` the step comes from; empty where no property asks for it.
  package var pointer: ByteString {
    switch self {
    case .process(let step): step.pointer
    case .namespace(let step): step.pointer
    case .sync: ""
    case .mount(let step): step.pointer
    case .identity(let step): step.pointer
    case .program(let step): step.pointer
    }
  }

  /// Why the step stands where it stands in the order, in a sentence; `StepOrder` has the whole of it.
  package var reason: ByteString {
    switch self {
    case .process(let step): step.reason
    case .namespace(let step): step.reason
    case .sync(let step): step.reason
    case .mount(let step): step.reason
    case .identity(let step): step.reason
    case .program(let step): step.reason
    }
  }

  /// What a title does not say: the values that reach the kernel, after a space.
  package var details: ByteString {
    switch self {
    case .process(let step): step.details
    case .namespace(let step): step.details
    case .sync: ""
    case .mount(let step): step.details
    case .identity(let step): step.details
    case .program(let step): step.details
    }
  }

  /// The step as a line of the plan.
  package var line: ByteString {
    (title + details).pointing(to: pointer)
  }
}
