# apus: `make hello` shows the main job, `make test` runs every test there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build
PREFIX ?= /usr/local
SWIFT ?= swift
RELEASE := .build/release/apus
ARM64 := .build-arm64/release/apus
ARM64_TOOLS := .build/arm64

BUILD_PACKAGES := libseccomp-dev libcap-dev libyajl-dev musl-dev
HELLO_PACKAGES := busybox-static
TEST_PACKAGES := bats patchelf jq gcc libc6-dev strace procps busybox-static dbus-daemon iproute2 mount python3-jsonschema uidmap erofs-utils valgrind
ENGINE_PACKAGES := bats jq busybox-static util-linux mount procps iproute2 podman conmon catatonit buildah containerd docker.io \
  containernetworking-plugins iptables uidmap python3-grpcio python3-protobuf protobuf-compiler
VM_PACKAGES := mmdebstrap e2fsprogs cpio kmod xz-utils gcc libc6-dev busybox-static
SUITE_PACKAGES := bats jq busybox-static util-linux mount procps iproute2 python3-minimal patchelf crun runc
FAULT_PACKAGES := jq busybox-static util-linux mount uidmap patchelf crun runc
ARM64_PACKAGES := mmdebstrap binutils-aarch64-linux-gnu
PACKAGE_PACKAGES := binutils xz-utils lintian man-db jq
# A directory with the crun and runc that apus is compared with; without them Debian's newest are put there.
PEERS ?= .build/peers
BENCH_PACKAGES := jq time strace patchelf gcc libc6-dev busybox-static golang-github-containers-common

# $(call need,PACKAGES): installs those that are missing.
need = packaging/need $(1)

.PHONY: build hello test lint unit full fuzz bats test-vm test-engines test-cri test-checkpoints test-engines-vm conformance diagnosis bench costs install deb debs arm64 test-arm64 test-deb reproducible clean packages

packages:
	@$(call need,$(BUILD_PACKAGES))

build: packages
	@$(SWIFT) build -c release --product apus

hello: build
	@$(call need,$(HELLO_PACKAGES))
	@Tests/hello.sh $(RELEASE)

test: packages
	@$(call need,$(TEST_PACKAGES) $(ENGINE_PACKAGES) $(SUITE_PACKAGES) $(PACKAGE_PACKAGES) $(VM_PACKAGES))
	@PEERS=$(PEERS) Tests/all.sh

lint:
	@$(SWIFT) format lint --strict -r Sources Tests Package.swift

unit: packages
	@$(SWIFT) test

# The ordinary static release of the same sources: the way back if the Embedded subset ever fails us.
full: packages
	@APUS_RUNTIME=full $(SWIFT) build -c release --product apus --scratch-path .build-full

# An arm64 release, on this machine. How it is made elsewhere: Package.swift.
arm64: packages
	@$(call need,$(ARM64_PACKAGES))
	@packaging/arm64 $(ARM64_TOOLS)
	@APUS_ARM64=$(abspath $(ARM64_TOOLS))/libraries $(SWIFT) build -c release --product apus \
	  --triple aarch64-unknown-linux-gnu --scratch-path .build-arm64

# In an emulated machine: minutes. FILES="Tests/bats/exec.bats" chooses.
test-arm64: arm64
	@$(call need,$(VM_PACKAGES))
	@conformance/vm/arm64 $(ARM64) $(ARM64_TOOLS)/libraries $(FILES)

# The readers and the planner under libFuzzer: make fuzz SECONDS=600
fuzz: packages
	@Tests/Fuzz/run $(or $(SECONDS),60)

bats: build
	@$(call need,$(TEST_PACKAGES))
	@bench/peers.sh .build/criu criu || :
	@bats Tests/bats

# Real engines on the runtime, or on another one: make test-engines RUNTIME=/usr/bin/crun ENGINES="podman docker"
test-engines: $(if $(RUNTIME),,build)
	@$(call need,$(ENGINE_PACKAGES))
	@RUNTIME=$(or $(RUNTIME),$(RELEASE)) conformance/engines/run $(ENGINES)

# The CRI with Debian's newest containerd, and what only that one asks of a runtime.
test-cri: $(if $(RUNTIME),,build)
	@$(call need,$(ENGINE_PACKAGES) patchelf)
	@bench/peers.sh .build/containerd containerd
	@bench/peers.sh .build/criu criu
	@CONTAINERD=$(abspath .build/containerd) CRIU=$(abspath .build/criu) RUNTIME=$(or $(RUNTIME),$(RELEASE)) conformance/engines/run cri pods

# Checkpoints of Podman and containerd, with Debian's newest criu.
test-checkpoints: $(if $(RUNTIME),,build)
	@$(call need,$(ENGINE_PACKAGES) patchelf)
	@bench/peers.sh .build/criu criu
	@CRIU=$(abspath .build/criu) RUNTIME=$(or $(RUNTIME),$(RELEASE)) conformance/engines/run podman-checkpoint containerd-checkpoint

# Limits, on kernels that have all controllers: conformance/vm/README.md.
test-vm: build
	@$(call need,$(VM_PACKAGES))
	@conformance/vm/test $(RELEASE)

bench: build
	@$(call need,$(BENCH_PACKAGES))
	@bench/run.sh $(RELEASE)

# Records what this release costs: Tests/costs fails where a later one is dearer.
costs: build
	@$(call need,$(TEST_PACKAGES))
	@Tests/costs $(RELEASE) record

test-engines-vm: build
	@$(call need,$(VM_PACKAGES))
	@conformance/engines/machine $(RELEASE) 'limits are in force|limits of memory|update of what|ended for its memory|a resize' podman containerd docker cri

# The suite on apus and its peers; for one runtime: RUNTIME=/path conformance/run
conformance: build
	@$(call need,$(SUITE_PACKAGES))
	@bench/peers.sh $(PEERS)
	@conformance/results $(RELEASE) $(PEERS)/crun $(PEERS)/runc >.build/conformance-results.md
	@cp .build/conformance-results.md docs/

# What apus and its peers print of seeded faults: docs/diagnosis.md. For one of them: conformance/faults/run RUNTIME
diagnosis: build
	@$(call need,$(FAULT_PACKAGES))
	@bench/peers.sh $(PEERS)
	@conformance/faults/run --markdown $(RELEASE) $(PEERS)/crun $(PEERS)/runc >.build/diagnosis.md
	@cp .build/diagnosis.md docs/

install: build
	@packaging/install $(RELEASE) "$(DESTDIR)" "$(PREFIX)"

deb: build
	@$(call need,$(PACKAGE_PACKAGES))
	@packaging/deb $(RELEASE) .build/apus.deb

# For both architectures: .build/apus.deb and .build/apus-arm64.deb.
debs: deb arm64
	@EMULATE=$(ARM64_TOOLS)/emulate packaging/deb $(ARM64) .build/apus-arm64.deb

test-deb: build
	@$(call need,$(PACKAGE_PACKAGES))
	@packaging/test $(RELEASE)

# Two builds from nothing, one after the other: the same bytes?
reproducible: packages
	@$(call need,binutils)
	@packaging/reproducible

clean:
	rm -rf .build .build-arm64 .build-full .build-fuzz
