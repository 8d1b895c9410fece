# Every task of the project. `make help` lists them; `make check` is what CI runs.
# Needs: a Rust toolchain (rust-toolchain.toml names it), Python 3 with pip, Node.js with npm.
# Everything else is fetched into .colibri, without root.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# The order within `check` is from cheap to dear; cargo uses all cores by itself.
.NOTPARALLEL:

# The committed versions of dependencies and no others. `make test LOCKED=` after changing them.
LOCKED ?= --locked
CARGO ?= cargo
# Servers of `up` and `demo` keep their data here.
DATA := .colibri/data
COLIBRI := $(CARGO) run $(LOCKED) -p colibri --bin colibri --

.PHONY: help
help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' \
		$(firstword $(MAKEFILE_LIST))

##@ Run

.PHONY: deps
deps: ## Fetch the pinned nats-server and PostgreSQL into .colibri (no root needed)
	@deploy/deps/fetch.sh

.PHONY: demo
demo: deps ## Start everything, send invented orders through it, show what happens
	$(COLIBRI) demo

.PHONY: up
up: deps ## Start every service with its own nats-server and PostgreSQL; Ctrl-C stops
	$(COLIBRI) up

.PHONY: bench
bench: deps ## Measure: figure, limit of this machine, ratio; writes out/bench.json
	$(CARGO) run $(LOCKED) --release -p colibri --bin colibri -- bench

.PHONY: clean-data
clean-data: ## Remove the data of `up` and `demo` (refused while they run)
	@deploy/deps/clean-data.sh $(DATA)

##@ Develop

.PHONY: build
build: ## Build everything, unoptimised
	$(CARGO) build $(LOCKED) --workspace --all-targets

.PHONY: fmt
fmt: ## Format the code
	$(CARGO) fmt --all

.PHONY: fmt-check
fmt-check:
	$(CARGO) fmt --all --check

.PHONY: lint
lint: ## Run clippy; warnings are errors
	$(CARGO) clippy $(LOCKED) --workspace --all-targets -- -D warnings

.PHONY: doc
doc: ## Build the documentation; warnings are errors
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc $(LOCKED) --workspace --no-deps

.PHONY: test
test: deps ## Run all tests, on a real PostgreSQL and nats-server
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		echo '$(CARGO) nextest run $(LOCKED) --workspace'; \
		$(CARGO) nextest run $(LOCKED) --workspace; \
	else \
		echo '$(CARGO) test $(LOCKED) --workspace --no-fail-fast'; \
		$(CARGO) test $(LOCKED) --workspace --no-fail-fast; \
	fi

.PHONY: faults
faults: deps ## Kill the process at every step and at random, for long (COLIBRI_FAULTS_ROUNDS, _PURCHASES, _SEED)
	$(CARGO) test $(LOCKED) --release -p colibri --test flows -- --ignored --nocapture --test-threads 1

.PHONY: campaign
campaign: ## Walk 10 million random steps through the rules of returns (COLIBRI_CAMPAIGN_STEPS, _SEED)
	$(CARGO) test $(LOCKED) --release -p colibri-returns-rules --test it campaign -- --ignored --nocapture

.PHONY: portal-audit
portal-audit: deps ## Walk the public pages in Chromium by keyboard, audit them; out/portal
	$(CARGO) build $(LOCKED) -p colibri --bin colibri
	cd tests/portal && npm ci --silent
	node tests/portal/audit.mjs -- $(CARGO) run -q $(LOCKED) -p colibri --bin colibri --

.PHONY: check
check: fmt-check lint doc test demo ## Everything CI checks: format, lints, documentation, tests, the demo

.PHONY: new-carrier
new-carrier: ## Write a carrier's folder and its line: NAME=swift_post
	$(CARGO) run -q $(LOCKED) -p colibri-xtask --bin new-carrier -- $(NAME)

.PHONY: sbom
sbom: ## List what the binary is made of: out/sbom.cdx.json (CycloneDX)
	@mkdir -p out
	$(CARGO) run -q $(LOCKED) -p colibri-xtask --bin sbom -- out/sbom.cdx.json

.PHONY: audit
audit: ## Check licences; advisories too where cargo-deny or cargo-audit is installed
	$(CARGO) run -q $(LOCKED) -p colibri-xtask --bin sbom
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny check advisories; \
	elif $(CARGO) audit --version >/dev/null 2>&1; then $(CARGO) audit; \
	else echo 'advisories not checked: neither cargo-deny nor cargo-audit is installed'; fi

.PHONY: proto
proto: ## Lint the protobuf contracts with buf; nothing new may be left unwritten
	@deploy/deps/fetch.sh buf
	cd proto && ../.colibri/bin/buf lint
	$(CARGO) test $(LOCKED) -p colibri-events contract::is_written_down -- --ignored

.PHONY: proto-bless
proto-bless: ## Write new messages and events down: proto/contract.txt, crates/events/golden
	$(CARGO) test $(LOCKED) -p colibri-events contract::bless -- --ignored
	COLIBRI_BLESS=1 $(CARGO) test $(LOCKED) -p colibri-events golden::what_was
