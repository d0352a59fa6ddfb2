extension DiagnosisCode {
  /// Three sentences: what it means, what is behind it, what to do; and a line that says it.
  package var text: (meaning: StaticString, example: StaticString) { configText }

  private var configText: (meaning: StaticString, example: StaticString) {
    switch self {
    case .configAbsent:
      (
        """
        The bundle has no config.json. A bundle is a directory with config.json and, mostly, \
        the root filesystem beside it. Give the directory with --bundle, or write a first \
        configuration with `apus spec`.
        """,
        """
        there is no `/b/config.json`; is `/b` the bundle?
        """
      )
    case .configSyntax:
      (
        """
        The text is not JSON. The line and the column say where reading stopped; the mistake \
        is there or just before it. JSON has no comments, no trailing commas and no single \
        quotes.
        """,
        """
        config.json: line 12, column 20 (byte 301): trailing comma before `}`: remove it
        """
      )
    case .configDuplicate:
      (
        """
        An object names the same member twice. Readers differ in which of the two they take, \
        so neither is taken. Remove one of them.
        """,
        """
        config.json: line 9, column 3 (byte 214): duplicate name in an object: `user`
        """
      )
    case .configImage:
      (
        """
        The file is an image's configuration, not a runtime's. An image says how a container \
        may be made; a bundle says how this one is. Let an engine or `umoci unpack` make a \
        bundle of the image.
        """,
        """
        config.json /ociVersion: missing: this is the configuration of an image, not of a \
        bundle
        """
      )
    case .configMissing:
      (
        """
        A member that must be there is not. A similar name beside it is often the reason. The \
        specification has a table of what each object must have.
        """,
        """
        config.json /process/args: missing: the unknown member /process/arg is probably meant \
        for /process/args; did you mean `args` by `arg`?
        """
      )
    case .configType:
      (
        """
        A value has another type than the specification asks for. Numbers and true or false \
        are written without quotes, lists in brackets. Compare it with what `apus spec` \
        writes.
        """,
        """
        config.json /process/args: expected an array, found a string; write ["/bin/true"]
        """
      )
    case .configWord:
      (
        """
        A word is none of those that the property may have. Case matters. The nearest one, or \
        all of them, are named.
        """,
        """
        config.json /linux/namespaces/0/type: unknown namespace `net`; did you mean `network`?
        """
      )
    case .configNumber:
      (
        """
        A number is no whole number or beyond what its property can hold. Fractions and \
        exponents are not taken. The range is named.
        """,
        """
        config.json /process/user/uid: `-1` is not a whole number from 0 to 4294967295
        """
      )
    case .configUnknownMember:
      (
        """
        A warning: the specification has no such member, so it has no effect. Mostly it is \
        misspelt or at the wrong place. Correct it, or remove it.
        """,
        """
        config.json /root/readOnly: unknown member without effect: did you mean `readonly`?
        """
      )
    case .configRule:
      (
        """
        Properties contradict each other, or one asks for what the specification does not \
        allow. The pointer names the property, the text the rule. `apus check` finds these \
        without a start.
        """,
        """
        config.json /hostname: set without a uts namespace in /linux/namespaces
        """
      )
    case .configWarning:
      (
        """
        A warning: a property is taken in another way than it is written, or is left at its \
        default. The container starts all the same. The text says what was done; write it so, \
        and the warning goes.
        """,
        """
        /process/user/uid: absent, assuming 0
        """
      )
    default: programText
    }
  }
}
