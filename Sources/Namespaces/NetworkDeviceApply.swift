import Bytes
package import Linux

/// Moves devices of the namespace that this process is in into another one (ND-1). It is the
/// runtime's doing, after the container is in its namespace and before any hook.
package struct NetworkDeviceMover {
  private let here: Netlink
  private let there: Netlink
  private let target: Handle

  /// `target` is the container's network namespace. A connection belongs to the namespace that it was
  /// opened in, so this process goes there for a moment.
  package init(target: Handle, lost: (SyscallError) -> Void) throws(SyscallError) {
    self.target = target
    here = try Netlink()
    func enter() throws(SyscallError) { try ThisProcess.join(target, .network) }
    let own = try Handle.currentDirectory.open("/proc/self/ns/net", .readOnly)
    there = try NetworkVisit.make(from: own, enter: enter, lost: lost) {
      () throws(SyscallError) in try Netlink()
    }
  }

  /// Moves and renames in one request, gives the device back the addresses that a move drops, and
  /// sets it up (ND-2, ND-3, ND-4, ND-6). What is moved already when something fails stays moved: the
  /// kernel gives physical devices back when the namespace ends (ND-5).
  package func move(_ plan: NetworkDevicePlan) throws(SyscallError) {
    let link = try Link.find(plan.name, here)
    // The kernel moves first and renames afterwards, so it would notice too late.
    if !plan.isTemplate, try Link.exists(plan.newName, there) {
      throw .unmet(
        "the container's network namespace has a device " + quoted(plan.newName) + " already",
        plan.newName)
    }
    let addresses = try Address.permanent(of: link, here, subject: plan.name)
    let before = plan.isTemplate ? try Link.all(there) : []
    try link.move(to: target, name: plan.newName, here, subject: plan.name)
    let moved: Link
    if plan.isTemplate {
      // The kernel chose the name, and may have chosen another index.
      guard let new = try Link.all(there).first(where: { !before.contains($0) }) else {
        throw .unmet(
          "the device " + quoted(plan.newName)
            + " did not arrive in the container's network namespace",
          plan.newName)
      }
      moved = new
    } else {
      moved = try Link.find(plan.newName, there)
    }
    for address in addresses { try address.add(to: moved, there, subject: plan.newName) }
    try moved.setUp(there, subject: plan.newName)
  }
}

/// A network device, by the index that it has in one namespace.
private struct Link: Equatable {
  let index: Int32

  private enum Message {
    static let new: UInt16 = 16
    static let get: UInt16 = 18
  }

  private enum Attribute {
    static let name: UInt16 = 3
    static let namespace: UInt16 = 28
  }

  private static let dump: UInt16 = 0x300
  private static let isUp: UInt32 = 1

  /// `struct ifinfomsg`.
  private static func message(
    _ type: UInt16, index: Int32 = 0, flags: UInt32 = 0, change: UInt32 = 0
  ) -> NetlinkMessage {
    NetlinkMessage(
      type: type, flags: 0,
      payload: [0, 0, 0, 0] + [UInt8](littleEndian: index) + [UInt8](littleEndian: flags)
        + [UInt8](littleEndian: change))
  }

  static func find(_ name: ByteString, _ netlink: Netlink) throws(SyscallError) -> Link {
    var message = message(Message.get)
    message.append(Attribute.name, Array(name.bytes) + [0])
    guard let answer = try netlink.request(message, subject: name).first else {
      throw .unmet("the kernel did not describe the network device " + quoted(name), name)
    }
    return Link(index: answer.number(4, as: Int32.self))
  }

  static func exists(_ name: ByteString, _ netlink: Netlink) throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      _ = try find(name, netlink)
      return true
    } catch {
      if error.errno == .ENODEV { return false }
      throw error
    }
  }

  static func all(_ netlink: Netlink) throws(SyscallError) -> [Link] {
    var message = message(Message.get)
    message.flags = dump
    return try netlink.request(message, subject: "links").map {
      Link(index: $0.number(4, as: Int32.self))
    }
  }

  func move(
    to target: Handle, name: ByteString, _ netlink: Netlink, subject: ByteString
  ) throws(SyscallError) {
    var message = Link.message(Message.new, index: index)
    message.append(Attribute.namespace, [UInt8](littleEndian: target.raw))
    message.append(Attribute.name, Array(name.bytes) + [0])
    try netlink.request(message, subject: subject)
  }

  func setUp(_ netlink: Netlink, subject: ByteString) throws(SyscallError) {
    try netlink.request(
      Link.message(Message.new, index: index, flags: Link.isUp, change: Link.isUp),
      subject: subject)
  }
}

/// An address of a device, as rtnetlink describes it.
private struct Address {
  let description: NetlinkMessage

  private enum Message {
    static let new: UInt16 = 20
    static let get: UInt16 = 22
  }

  private enum Attribute {
    static let flags: UInt16 = 8
    /// Address, local address, broadcast and anycast address, priority of the route: what an
    /// administrator sets. A label may name the old device, lifetimes are infinite anyway.
    static let copied: [UInt16] = [1, 2, 4, 5, 9]
  }

  private static let permanent: UInt32 = 0x80
  /// Flags that may be given: no duplicate detection, home address, managed temporary addresses, no
  /// route for the prefix, automatic multicast membership.
  private static let settable: UInt32 = 0x712

  /// The addresses that outlive a device's being down: permanent ones of global scope (ND-3).
  static func permanent(
    of link: Link, _ netlink: Netlink, subject: ByteString
  ) throws(SyscallError) -> [Address] {
    // `struct ifaddrmsg`; the kernel filters by no field that older ones look at.
    let dump = NetlinkMessage(
      type: Message.get, flags: 0x300, payload: [UInt8](repeating: 0, count: 8))
    return try netlink.request(dump, subject: subject).map { Address(description: $0) }.filter {
      $0.description.payload.count >= 8 && $0.description.number(4, as: Int32.self) == link.index
        && $0.description.number(3, as: UInt8.self) == 0 && $0.flags & permanent != 0
    }
  }

  /// The long form in an attribute, since the field has eight bits.
  private var flags: UInt32 {
    for attribute in description.attributes(after: 8) where attribute.type == Attribute.flags {
      return NetlinkMessage(type: 0, flags: 0, payload: attribute.value).number(
        0, as: UInt32.self)
    }
    return UInt32(description.number(2, as: UInt8.self))
  }

  func add(to link: Link, _ netlink: Netlink, subject: ByteString) throws(SyscallError) {
    // NLM_F_CREATE | NLM_F_EXCL; family, prefix length, no short flags, global scope, index.
    var message = NetlinkMessage(
      type: Message.new, flags: 0x600,
      payload: Array(description.payload[..<2]) + [0, 0] + [UInt8](littleEndian: link.index))
    for attribute in description.attributes(after: 8)
    where Attribute.copied.contains(attribute.type) {
      message.append(attribute.type, attribute.value)
    }
    message.append(Attribute.flags, [UInt8](littleEndian: flags & Address.settable))
    try netlink.request(message, subject: subject)
  }
}
