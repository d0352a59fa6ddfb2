package import Bytes

/// What `--version` prints.
package enum Version {
  package static var number: StaticString { Release.version }

  /// dockerd takes every line that contains the word "version" for the version, the last one wins:
  /// it stands in the first line and nowhere else.
  package static var text: ByteString {
    "apus version " + ByteString(stringLiteral: number)
      + """

      spec: 1.3.0
      +CAP +SECCOMP +EBPF +YAJL

      """
  }
}
