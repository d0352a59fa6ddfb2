package import Bytes
package import Linux

/// The names of a container's UTS namespace (uts_namespaces(7)); nil leaves one as it is.
package struct HostNames: Equatable, Sendable {
  package var hostname: ByteString?
  package var domainname: ByteString?

  package init(hostname: ByteString?, domainname: ByteString?) {
    self.hostname = hostname
    self.domainname = domainname
  }

  package var pointer: ByteString { hostname == nil ? "/domainname" : "/hostname" }

  /// In the container's UTS namespace, with its user namespace's CAP_SYS_ADMIN.
  package func apply() throws(SyscallError) {
    if let hostname { try ThisProcess.setHostname(hostname) }
    if let domainname { try ThisProcess.setDomainname(domainname) }
  }
}
