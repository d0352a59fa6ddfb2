// swift-tools-version: 6.2
import PackageDescription

// A release build is Embedded Swift: no language runtime in the binary, so start-up costs what a C
// program's does and nothing of it can run between clone and exec. Every other build is ordinary
// Swift, which is what Swift Testing can import. `APUS_RUNTIME=full` makes an ordinary static
// release of the same sources (fuzzing, `swift test -c release`, a way back if the subset fails us).
//
// `APUS_FUZZ=1` adds the fuzzer, which needs libFuzzer's runtime: see Tests/Fuzz.
let isFuzzed = Context.environment["APUS_FUZZ"] == "1"
// `APUS_SYMBOLS=1` leaves the names of functions in a release, for a profile and for packaging/order.
let stripped = Context.environment["APUS_SYMBOLS"] == "1" ? [] : ["-Xlinker", "-s"]
let isFullRuntime = isFuzzed || Context.environment["APUS_RUNTIME"] == "full"

// `APUS_ARM64=DIR` makes a release for arm64 on another machine, of the libraries below DIR: packaging/arm64.
let arm64 = Context.environment["APUS_ARM64"]
#if arch(arm64)
  let architecture = "aarch64"
#else
  let architecture = arm64 == nil ? "x86_64" : "aarch64"
#endif
let system = "\(arm64 ?? "")/usr"
let embeddedLibraries =
  "../embedded/\(architecture)-\(arm64 == nil ? "unknown-linux-gnu" : "none-none-elf")"

// The libc of the release is musl: glibc's start asks the processor for its features and caches with some
// forty CPUID instructions, and in a virtual machine each of them leaves the machine. apus starts twice for
// a container, so that was a seventh of `run`.
let muslHeaders = [
  "-nostdlibinc", "-isystem", "\(system)/include/\(architecture)-linux-musl",
  "-idirafter", "\(system)/include", "-idirafter", "\(system)/include/\(architecture)-linux-gnu",
]
let muslLibraries = "\(system)/lib/\(architecture)-linux-musl"

// The toolchain has Embedded Swift's library for arm64 without an operating system, whose code is the
// same; only the headers of C have to be told what the target is.
let crossCompile =
  arm64 == nil
  ? []
  : ["-target", "aarch64-none-none-elf", "-static"]
    + (["--target=aarch64-unknown-linux-gnu"] + muslHeaders).flatMap { ["-Xcc", $0] }
let crossLibraries =
  arm64 == nil
  ? []
  : [
    "-L\(system)/lib/aarch64-linux-gnu", "-Xlinker",
    "\(system)/lib/gcc/aarch64-linux-gnu/12/libgcc.a",
  ]

// `.unsafeFlags`, not `.enableExperimentalFeature`: SwiftPM drops the toolchain's run path from debug
// executables too as soon as a target names the Embedded feature, whatever its condition says.
//
// `object-outliner` is off: it names the static arrays of a function by a counter, in each module that
// the function is compiled into anew, and the linker then takes one module's for another's.
let embeddedCompile: [SwiftSetting] =
  isFullRuntime
  ? []
  : [
    .unsafeFlags(
      [
        "-enable-experimental-feature", "Embedded", "-Osize",
        "-Xllvm", "-sil-disable-pass=object-outliner",
        // A function is compiled into each module that calls it; of those, the linker keeps one.
        "-Xfrontend", "-function-sections",
        // There is one thread, and the debug builds check it.
        "-enforce-exclusivity=unchecked",
        // The linker compiles all modules as one: see staticLink.
        "-Xfrontend", "-emit-bc", "-Xfrontend", "-lto=llvm-full",
        // Debug information is stripped anyway, and a sum of it would differ from build to build.
        "-gnone", "-Xfrontend", "-disable-incremental-llvm-codegen",
      ] + crossCompile, .when(configuration: .release))
  ]

let staticLink: [LinkerSetting] = [
  .unsafeFlags(
    isFullRuntime
      ? ["-static-executable", "-Xlinker", "-s"]
      : [
        "-enable-experimental-feature", "Embedded", "-use-ld=lld",
        "-Xclang-linker", "-static", "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all",
        // What a start executes lies together: a page fault maps 64 KiB of the file, and was one for nearly
        // every function when these were all over the binary. packaging/order makes the list.
        "-Xlinker", "--symbol-ordering-file=\(Context.packageDirectory)/packaging/functions.order",
        "-Xlinker", "--no-warn-symbol-ordering",
        // What many functions do in the same way, such as the release of what they hold, is one function. The
        // modules have inlined what they wanted; what is left keeps its name and so its place in the order.
        "-Xlinker", "-mllvm", "-Xlinker", "-enable-machine-outliner=always",
        "-Xlinker", "-mllvm", "-Xlinker", "-enable-linkonceodr-outlining",
        "-Xlinker", "-mllvm", "-Xlinker", "-inline-threshold=-20000",
        // Also of texts that end alike there is one.
        "-Xlinker", "-O2",
        // Nothing unwinds the stack.
        "-Xlinker", "--no-eh-frame-hdr",
        "-Xlinker", "\(Context.packageDirectory)/packaging/layout.ld",
        // Nothing makes it read-only in a static binary of musl's, and it is one page more to copy.
        "-Xlinker", "-z", "-Xlinker", "norelro",
        "-Xlinker", "-l:\(embeddedLibraries)/libswiftUnicodeDataTables.a",
        "-Xclang-linker", "-nostdlib", "-Xclang-linker", "-Wno-unused-command-line-argument",
      ]
        + stripped
        // Without crti.o and crtn.o: their empty _init would be a page fault by itself.
        + ["crt1.o", "libc.a"].flatMap {
          ["-Xlinker", "\(muslLibraries)/\($0)"]
        } + crossLibraries,
    .when(configuration: .release))
]

// Beside `--sanitize fuzzer`: a second `--sanitize` would win or lose by chance, from build to build.
let fuzzed: [String] = isFuzzed ? ["-sanitize=fuzzer,address"] : []

let settings: [SwiftSetting] =
  embeddedCompile + [
    .unsafeFlags(fuzzed),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]

/// A library target with its tests: the layers are in docs/ARCHITECTURE.md, held by the tidy test.
func module(_ name: String, _ dependencies: [String], libraries: [String] = []) -> Target {
  .target(
    name: name, dependencies: dependencies.map { .byName(name: $0) }, swiftSettings: settings,
    // Embedded Swift does not autolink, so every library is named here.
    linkerSettings: libraries.map { .linkedLibrary($0) })
}

let domains = [
  "Rootfs", "Namespaces", "Identity", "Cgroups", "Resctrl", "Seccomp", "Hooks", "Console",
]

let package = Package(
  name: "apus",
  products: [.executable(name: "apus", targets: ["apus"])],
  targets: [
    .systemLibrary(name: "CSeccomp", providers: [.apt(["libseccomp-dev"])]),
    .systemLibrary(name: "CCap", providers: [.apt(["libcap-dev"])]),
    .systemLibrary(name: "CYajl", providers: [.apt(["libyajl-dev"])]),
    .target(
      name: "CShim",
      cSettings: isFullRuntime
        ? [] : [.unsafeFlags(muslHeaders + ["-DAPUS_MUSL"], .when(configuration: .release))]),
    module("Bytes", []),
    module("JSON", ["Bytes", "CYajl"], libraries: ["yajl_s"]),
    module("Linux", ["Bytes", "CShim", "CCap"], libraries: ["cap"]),
    module("OCISpec", ["Bytes", "JSON"]),
    module("Diagnosis", ["Bytes", "Linux"]),
    module("DBus", ["Bytes", "Linux"]),
    module("CRIU", ["Bytes", "Linux"]),
    module("Tracing", ["Bytes", "JSON", "Linux"]),
    module("Rootfs", ["Bytes", "OCISpec", "Linux"]),
    module("Namespaces", ["Bytes", "OCISpec", "Linux"]),
    module("Identity", ["Bytes", "OCISpec", "Linux"]),
    module("Cgroups", ["Bytes", "OCISpec", "Linux", "DBus"]),
    module("Resctrl", ["Bytes", "OCISpec", "Linux"]),
    module("Seccomp", ["Bytes", "OCISpec", "Linux", "CSeccomp"], libraries: ["seccomp"]),
    module("Hooks", ["Bytes", "OCISpec", "Linux", "Tracing"]),
    module("Console", ["Bytes", "OCISpec", "Linux"]),
    module("Plan", ["Bytes", "CRIU", "OCISpec", "Linux"] + domains),
    module("Check", ["Bytes", "JSON", "OCISpec", "Linux", "Diagnosis", "Plan"] + domains),
    module("InForce", ["Bytes", "OCISpec", "Linux", "Plan"] + domains),
    module("Launch", ["Bytes", "OCISpec", "Plan", "Linux", "Tracing"] + domains),
    module("StateStore", ["Bytes", "OCISpec", "Linux", "JSON"]),
    module(
      "Report",
      ["Bytes", "Cgroups", "Diagnosis", "JSON", "OCISpec", "Launch", "StateStore", "Linux"]),
    module(
      "Container",
      [
        "Bytes", "CRIU", "Diagnosis", "InForce", "OCISpec", "JSON", "Plan", "Launch", "StateStore",
        "Linux", "Report", "Tracing",
      ]
        + domains),
    module(
      "Commands",
      [
        "Bytes", "Diagnosis", "OCISpec", "JSON", "Plan", "Check", "InForce", "Launch", "StateStore",
        "Linux", "CRIU",
        "Report", "Container", "Tracing",
      ] + domains),
    module("CommandLine", ["Bytes", "Commands", "Diagnosis", "Report"]),
    .executableTarget(
      name: "apus", dependencies: ["Bytes", "CommandLine", "Commands", "Linux", "Report"],
      swiftSettings: settings, linkerSettings: staticLink),
    .target(
      name: "TestSupport", dependencies: ["Bytes", "JSON", "Linux"], path: "Tests/TestSupport",
      swiftSettings: settings),
    .testTarget(name: "TidyTests", swiftSettings: settings),
    .testTarget(name: "JSONTests", dependencies: ["Bytes", "JSON"], swiftSettings: settings),
    .testTarget(
      name: "OCISpecTests", dependencies: ["Bytes", "JSON", "Linux", "OCISpec", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "CommandLineTests", dependencies: ["Bytes", "CommandLine", "Commands", "Report"],
      swiftSettings: settings),
    .testTarget(
      name: "CommandsTests",
      dependencies: [
        "Bytes", "Commands", "Container", "Diagnosis", "JSON", "Linux", "OCISpec", "Report",
        "StateStore", "TestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "StateStoreTests",
      dependencies: ["Bytes", "JSON", "Linux", "OCISpec", "StateStore", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "TracingTests", dependencies: ["Bytes", "Linux", "TestSupport", "Tracing"],
      swiftSettings: settings),
    .testTarget(
      name: "CRIUTests", dependencies: ["Bytes", "CRIU"], swiftSettings: settings),
    .testTarget(
      name: "DBusTests", dependencies: ["Bytes", "DBus", "Linux"], swiftSettings: settings),
    .testTarget(
      name: "SeccompTests", dependencies: ["Bytes", "CSeccomp", "Linux", "OCISpec", "Seccomp"],
      swiftSettings: settings),
    .testTarget(
      name: "IdentityTests", dependencies: ["Bytes", "Identity", "Linux", "OCISpec"],
      swiftSettings: settings),
    .testTarget(
      name: "NamespacesTests", dependencies: ["Bytes", "Linux", "Namespaces", "OCISpec"],
      swiftSettings: settings),
    .testTarget(
      name: "CgroupsTests", dependencies: ["Bytes", "Cgroups", "Linux", "OCISpec", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "ResctrlTests", dependencies: ["Bytes", "Linux", "OCISpec", "Resctrl"],
      swiftSettings: settings),
    .testTarget(
      name: "RootfsTests", dependencies: ["Bytes", "Linux", "OCISpec", "Rootfs", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "HooksTests", dependencies: ["Bytes", "Hooks", "Linux", "OCISpec", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "ConsoleTests", dependencies: ["Bytes", "Console", "Linux"], swiftSettings: settings),
    .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: settings),
    .testTarget(
      name: "DiagnosisTests", dependencies: ["Bytes", "Diagnosis", "Linux", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "InForceTests", dependencies: ["Bytes", "Cgroups", "Identity", "InForce"],
      swiftSettings: settings),
    .testTarget(
      name: "LaunchTests", dependencies: ["Bytes", "Launch", "Linux"], swiftSettings: settings),
    .testTarget(
      name: "CheckTests",
      dependencies: (["Bytes", "Check", "JSON", "Plan", "OCISpec", "Linux", "TestSupport"] + domains)
        .map {
          .byName(name: $0)
        },
      swiftSettings: settings),
    .testTarget(
      name: "PlanTests",
      dependencies: (["Bytes", "JSON", "Plan", "OCISpec", "Linux", "TestSupport"] + domains).map {
        .byName(name: $0)
      },
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)

if isFuzzed {
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "Bytes", "CRIU", "Cgroups", "JSON", "Linux", "OCISpec", "Plan", "Seccomp", "StateStore",
      ],
      path: "Tests/Fuzz", exclude: ["corpus", "run", "tables.py"],
      swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])],
      linkerSettings: [.unsafeFlags(fuzzed)]))
}
