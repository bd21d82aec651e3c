# `make` lists the targets. What they need is named, with the command that installs it, when it
# is missing; tools of the trade go into the user's cache folder, pinned, and are built once.

SHELL := /bin/bash
.DEFAULT_GOAL := help

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/sealwright
NEXTEST_VERSION := 0.9.151
DENY_VERSION := 0.20.2
MDBOOK_VERSION := 0.5.4
CYCLONEDX_VERSION := 0.5.9
NEXTEST := $(CACHE)/tools/cargo-nextest-$(NEXTEST_VERSION)/bin/cargo-nextest
DENY := $(CACHE)/tools/cargo-deny-$(DENY_VERSION)/bin/cargo-deny
MDBOOK := $(CACHE)/tools/mdbook-$(MDBOOK_VERSION)/bin/mdbook
CYCLONEDX := $(CACHE)/tools/cargo-cyclonedx-$(CYCLONEDX_VERSION)/bin/cargo-cyclonedx

# Of what is released: amd64 or arm64.
ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,amd64)

BUILD := --workspace --all-features --locked
TARGET := $(or $(CARGO_TARGET_DIR),target)
CONTROL_PLANE := $(TARGET)/debug/control-plane

SMALL_LOAD := --objects 60 --keys 3 --foreign 20 --applied 20
# What needs a cluster, but for what has one of its own, or one release after the other.
IN_CLUSTER := package(sealwright-tests) - binary(chart) - binary(docs) - binary(readme) - binary(links) - binary(packages) - binary(krew)
# The same, but for what is about our resource definition.
OLDER_CRD := $(IN_CLUSTER) - binary(crd) - binary(doctor) - test(a_first_success_has_one_time_and_no_message)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-15s %s\n", $$1, $$2 }'

.PHONY: demo
demo: preflight ## Watch a Secret being sealed and unsealed (CONTEXT=name: on your own cluster)
	@scripts/announce "building Sealwright (the first time: some five minutes)"
	@cargo build --quiet --locked --bin kubeseal --bin controller --bin control-plane --bin demo
ifdef CONTEXT
	@$(TARGET)/debug/demo --context '$(CONTEXT)'
else
	@$(CONTROL_PLANE) run -- $(TARGET)/debug/demo
endif

.PHONY: test
test: preflight $(NEXTEST) ## Run every test there is
ifndef ARGS
	@scripts/preflight chaos docs
endif
	cargo build $(BUILD)
	$(NEXTEST) nextest run $(BUILD) --no-run
	@$(TARGET)/debug/differential prepare
	@$(CONTROL_PLANE) tools
	cargo check --locked --package sealwright-crypto --no-default-features --features rustcrypto \
		--target wasm32-unknown-unknown
	cargo check --locked --package sealwright-template --target wasm32-unknown-unknown
	cargo test $(BUILD) --quiet --doc
	@scripts/announce "the controller beside upstream's older resource definition, under upstream's rights"
	SEALWRIGHT_CRDS=$(CURDIR)/tests/crds/older SEALWRIGHT_RBAC=upstream $(CONTROL_PLANE) run -- \
		$(NEXTEST) nextest run $(BUILD) --offline -E '$(OLDER_CRD)' $(ARGS)
	@scripts/announce "the same under ours"
	SEALWRIGHT_CRDS=$(CURDIR)/tests/crds/older $(CONTROL_PLANE) run -- \
		$(NEXTEST) nextest run $(BUILD) --offline -E '$(OLDER_CRD)' $(ARGS)
	@scripts/announce "the controller beside our resource definition, under upstream's rights"
	SEALWRIGHT_RBAC=upstream $(CONTROL_PLANE) run -- \
		$(NEXTEST) nextest run $(BUILD) --offline -E '$(IN_CLUSTER)' $(ARGS)
ifndef ARGS
	@scripts/announce "faults, round after round"
	$(CONTROL_PLANE) run -- $(TARGET)/debug/chaos --rounds 40
	@scripts/announce "a small load, and a restart that must be free"
	$(CONTROL_PLANE) run -- $(TARGET)/debug/load $(SMALL_LOAD)
endif
	@scripts/announce "every test, beside our resource definition and under our rights"
	$(CONTROL_PLANE) run -- $(NEXTEST) nextest run $(BUILD) --offline $(ARGS)

.PHONY: bench
bench: ## Print values sealed and opened per second, for both backends
	cargo bench --locked --package sealwright-crypto --all-features --bench seal_and_open

.PHONY: bench-cli
bench-cli: ## Print time and memory of whole runs of kubeseal (builds a release: some five minutes)
	cargo bench --locked --package sealwright-cli --bench whole_process --bench reencrypt

.PHONY: chaos
chaos: ## Break what can break around the controller (ARGS='--rounds 1000 --seed 7')
	@scripts/preflight chaos
	@scripts/announce "building (the first time: some five minutes)"
	cargo build $(BUILD) --bin controller --bin control-plane --bin chaos
	$(CONTROL_PLANE) run -- $(TARGET)/debug/chaos $(ARGS)

.PHONY: differential
differential: ## Render random templates with Go and here (ARGS='--seed 7 --cases 100000')
	cargo run --quiet --locked --package sealwright-template-tests -- diff $(ARGS)

.PHONY: fuzz
fuzz: ## Render whatever a fuzzer thinks of (needs cargo-fuzz and a nightly compiler; ARGS='-max_total_time=600')
	cargo +nightly fuzz run template -- $(ARGS)

.PHONY: bench-template
bench-template: ## Print how long everyday templates take in Go and here
	cargo run --quiet --release --locked --package sealwright-template-tests -- bench

.PHONY: load
load: preflight ## Fill a control plane and print what the controller makes of it (ARGS='--objects 200')
	@scripts/announce "building an optimised controller (the first time: some ten minutes)"
	cargo build --release --locked --bin controller --bin control-plane --bin load
	$(TARGET)/release/control-plane run -- $(TARGET)/release/load $(ARGS)

.PHONY: lint
lint: ## Check format, lints and dependencies
	cargo fmt --all --check
	cargo clippy $(BUILD) --all-targets -- -D warnings
	$(MAKE) windows deny

.PHONY: windows
windows: ## Check kubeseal for Windows
	@scripts/preflight windows
	cargo clippy --locked --package sealwright-cli --target x86_64-pc-windows-gnu -- -D warnings

.PHONY: release
release: ## Build kubeseal and the controller as static programs (some ten minutes; ARCH=arm64: for arm64)
	@scripts/preflight release $(filter arm64,$(ARCH))
	@scripts/release $(ARCH)

.PHONY: image
image: release ## Pack the controller as an image, without Docker
	@scripts/image $(TARGET)/$(if $(filter arm64,$(ARCH)),aarch64,x86_64)-unknown-linux-musl/release/controller $(ARCH)

.PHONY: reproducible
reproducible: ## Build image and kubeseal twice, in two folders, and compare them (some twenty minutes)
	@scripts/preflight release $(filter arm64,$(ARCH))
	@scripts/reproducible $(ARCH)

.PHONY: sbom
sbom: $(CYCLONEDX) ## Write what kubeseal and the controller are made of, as CycloneDX
	@scripts/sbom $(CYCLONEDX)

.PHONY: deny
deny: $(DENY) ## Check layering, licences and sources of the dependencies
	$(DENY) --locked --all-features check bans licenses sources

.PHONY: advisories
advisories: $(DENY) ## Check the dependencies against known vulnerabilities (needs the internet)
	$(DENY) --locked --all-features check advisories

.PHONY: crds
crds: ## Write the CustomResourceDefinition into the chart
	cargo build --quiet --locked --package sealwright-api --features crdgen --bin crdgen
	@$(TARGET)/debug/crdgen > $(TARGET)/crd.yaml
	@mv $(TARGET)/crd.yaml charts/sealwright/crds/sealedsecrets.bitnami.com.yaml

.PHONY: manifests
manifests: preflight ## Write what is applied without Helm, in deploy, out of the chart
	cargo build --quiet --locked --package sealwright-tests --bin control-plane --bin plain-manifests
	@$(CONTROL_PLANE) tools
	$(TARGET)/debug/plain-manifests

.PHONY: reference
reference: ## Write kubeseal's flags and verbs into docs
	cargo build --quiet --locked --bin kubeseal
	scripts/reference $(TARGET)/debug/kubeseal

.PHONY: man
man: ## Write kubeseal's manual pages, in target/man
	cargo build --quiet --locked --bin kubeseal
	$(TARGET)/debug/kubeseal man $(TARGET)/man

.PHONY: book
book: $(MDBOOK) ## Make a book of docs, in target/book
	$(MDBOOK) build

.PHONY: snapshots
snapshots: preflight ## Write what the chart renders anew, for a look at the difference
	cargo build --locked --package sealwright-tests --bin control-plane
	@$(CONTROL_PLANE) tools
	SEALWRIGHT_SNAPSHOTS=write cargo test --locked --package sealwright-tests --test chart -- matrix::

.PHONY: preflight
preflight:
	@scripts/preflight

$(NEXTEST):
	@scripts/announce "building cargo-nextest $(NEXTEST_VERSION), once (some four minutes)"
	cargo install --quiet --locked --root $(CACHE)/tools/cargo-nextest-$(NEXTEST_VERSION) \
		--no-default-features --features default-no-update cargo-nextest@$(NEXTEST_VERSION)

$(DENY):
	@scripts/announce "building cargo-deny $(DENY_VERSION), once (some four minutes)"
	cargo install --quiet --locked --root $(CACHE)/tools/cargo-deny-$(DENY_VERSION) cargo-deny@$(DENY_VERSION)

$(MDBOOK):
	@scripts/announce "building mdBook $(MDBOOK_VERSION), once (some four minutes)"
	cargo install --quiet --locked --root $(CACHE)/tools/mdbook-$(MDBOOK_VERSION) \
		--no-default-features --features search mdbook@$(MDBOOK_VERSION)

$(CYCLONEDX):
	@scripts/announce "building cargo-cyclonedx $(CYCLONEDX_VERSION), once (some three minutes)"
	cargo install --quiet --locked --root $(CACHE)/tools/cargo-cyclonedx-$(CYCLONEDX_VERSION) \
		cargo-cyclonedx@$(CYCLONEDX_VERSION)
