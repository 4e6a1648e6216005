# Everything a developer or CI runs. Tools are pinned in tools/go.mod and built into .bin by Go alone.
SHELL := bash
BIN := $(CURDIR)/.bin
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := -s -w -X main.version=$(VERSION)
FUZZTIME ?= 60s

.DEFAULT_GOAL := help
.PHONY: help build test race lint fmt generate verify bench fuzz cover clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Build the binary into .bin
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/tlsward ./cmd/tlsward

test: ## Run every test: Go, Rego, scenes of the rules, scripts of the command
	go test ./...

race: ## Run the tests of what is concurrent under the race detector
	go test -race ./inventory ./engine ./lint ./manifest ./pki ./facts

lint: $(BIN)/golangci-lint ## Run the linters
	$(BIN)/golangci-lint run ./...

fmt: $(BIN)/golangci-lint ## Format Go and Rego
	$(BIN)/golangci-lint fmt ./...
	go run ./cmd/tlsward test --write policies

generate: ## Write what is derived: docs/rules, docs/schemas
	go run ./docs/generate policies docs/rules
	mkdir -p docs/schemas
	cp facts/schema.json docs/schemas/facts.json
	cp config/schema.json docs/schemas/config.json
	cp report/schema.json docs/schemas/report.json

verify: generate ## Fail if something derived or go.mod is not up to date
	go mod tidy -diff
	cd tools && go mod tidy -diff
	@test -z "$$(git status --porcelain -- docs go.mod go.sum)" || { git status --short -- docs go.mod go.sum; git diff -- docs go.mod go.sum | head -50; exit 1; }

bench: ## Measure: corpus with known faults, wall, CPU, memory, shares; then the Go benchmarks
	go run ./test/bench
	go test -run '^$$' -bench . -benchmem ./...

# One input is minimised a few times only: coverage is not deterministic, and the default spends the whole time on it.
fuzz: ## Run every fuzzer for FUZZTIME (60s)
	@set -e; for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$package; \
		done; \
	done

cover: ## Show test coverage by package
	go test -cover ./...

clean: ## Remove what was built
	rm -rf $(BIN)

$(BIN)/golangci-lint: tools/go.mod tools/go.sum
	mkdir -p $(BIN)
	cd tools && go build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
