# Everything a developer or CI runs. Tools are pinned in tools/go.mod and built into .bin by Go alone.
SHELL := bash
BIN := $(CURDIR)/.bin
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := -s -w -X main.version=$(VERSION)
# kustomize can load Go plugins, which none of ours may; with that in the program, the linker keeps 17 MB that nobody calls.
TAGS := -tags kustomize_disable_go_plugin_support
FUZZTIME ?= 60s

.DEFAULT_GOAL := help
.PHONY: help build test race lint fmt generate verify bench bench-admission bench-audit fuzz cover e2e up down image sbom dist reproducible man clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Build the binary into .bin
	go build $(TAGS) -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/tlsward ./cmd/tlsward

test: ## Run every test that needs no cluster: Go, Rego, scenes of the rules, scripts of the command, the chart
	go test ./...
	go test -tags manpages -run '^TestManual$$' ./cmd/tlsward
	cd test/chart && go test -count=1 ./... # it reads ../../charts and ../../docs, which the cache of tests does not see
	cd test/schema && go test -count=1 ./...
	cd test/report && go test -count=1 .
	cd tools && go test ./image ./sbom ./chartarchive

race: ## Run the tests of what is concurrent under the race detector
	go test -race ./inventory ./engine ./lint ./manifest ./pki ./facts ./webhook ./inventory/watch ./parallel
	go test -race -run '^TestWorkers$$' ./effective
	go test -race -run '^TestEffective' ./cmd/tlsward

lint: $(BIN)/golangci-lint ## Run the linters
	for module in . tools test/chart test/schema test/report test/e2e test/e2e/ingressnginx; do (cd $$module && $(BIN)/golangci-lint run ./...) || exit; done

fmt: $(BIN)/golangci-lint ## Format Go and Rego
	for module in . tools test/chart test/schema test/report test/e2e test/e2e/ingressnginx; do (cd $$module && $(BIN)/golangci-lint fmt ./...) || exit; done
	go run ./cmd/tlsward test --write policies

generate: ## Write what is derived: docs/rules, docs/schemas, the chart's kinds and dashboard, the schemas of CRDs
	cd tools && go run ./crds crds/modules ../schema/crd/data
	cd tools && go run ./dashboard ../charts/tlsward/files/dashboard.json
	go run ./docs/generate policies docs/rules charts/tlsward/files/kinds.yaml
	go test ./cmd/tlsward -run '^TestDocsCommandReference$$' -update
	go test ./policies -run '^TestDecisions$$' -update
	mkdir -p docs/schemas
	cp facts/schema.json docs/schemas/facts.json
	cp config/schema.json docs/schemas/config.json
	cp report/schema.json docs/schemas/report.json
	cp trust/schema.json docs/schemas/trust.json
	cp report/effective.json docs/schemas/effective.json

verify: generate ## Fail if something derived or go.mod is not up to date
	go mod tidy -diff
	for module in tools tools/crds/modules test/chart test/schema test/report test/e2e test/e2e/crds test/e2e/ingressnginx test/apiserver/apiserver test/apiserver/etcd; do (cd $$module && go mod tidy -diff) || exit; done
	@test -z "$$(git status --porcelain -- docs charts schema policies go.mod go.sum)" || { git status --short -- docs charts schema policies go.mod go.sum; git diff -- docs charts schema policies go.mod go.sum | head -50; exit 1; }

bench: ## Measure: corpus with known faults, wall, CPU, memory, shares; then the Go benchmarks
	go run ./test/bench
	go test -run '^$$' -bench . -benchmem ./...

# One input is minimised a few times only: coverage is not deterministic, and the default spends the whole time on it.
# The control plane is built once, in some four minutes, into a cache folder; see test/apiserver.
ASSETS = KUBEBUILDER_ASSETS="$$(test/apiserver/build.sh)"

# One package after the other: some of the tests measure.
e2e: ## Run the tests against a real API server, with the chart and the built binary, a real nginx and a real browser
	export $(ASSETS) && cd test/e2e && go test -p 1 -timeout 30m ./...
	cd test/report && go test -count=1 ./browser

bench-admission: ## Measure the webhook beside the same API server without one, and with one that does nothing
	export $(ASSETS) && cd test/e2e && go run ./bench

bench-audit: ## Measure an audit of 100,000 objects in a real API server, for half an hour while they change
	export $(ASSETS) && cd test/e2e && go run ./bench -objects 100000 -soak 25m

up: ## Start a control plane on the desk with the webhook installed, and say how to use it
	export $(ASSETS) && cd test/e2e && go run ./up

down: ## Stop what `make up` started
	cd test/e2e && go run ./up -down

# What a release is made of. Nothing of the machine is in it: no path, no time but that of the commit, no C.
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64
IMAGE_PLATFORMS := linux/amd64 linux/arm64
COMMITTED = $$(git log -1 --format=%cI)
define BUILD_PLATFORMS
	for platform in $(1); do os=$${platform%/*} arch=$${platform#*/}; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build $(TAGS) -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' \
			-o $(BIN)/$$os-$$arch/tlsward$$([ $$os != windows ] || echo .exe) ./cmd/tlsward || exit; \
	done
endef

image: ## Write the OCI image archive: .bin/tlsward.tar, for linux/amd64 and linux/arm64
	$(call BUILD_PLATFORMS,$(IMAGE_PLATFORMS))
	cd tools && go run ./image -version '$(VERSION)' -revision "$$(git rev-parse HEAD)" -created "$(COMMITTED)" \
		-out $(BIN)/tlsward.tar $(foreach p,$(IMAGE_PLATFORMS),$(p)=$(BIN)/$(subst /,-,$(p))/tlsward)

SBOM = go run ./sbom -version '$(VERSION)' -created "$(COMMITTED)" -modules "$$(go env GOMODCACHE)" -data crds/modules/go.mod

sbom: image ## Write bills of materials (CycloneDX) of the image and its binaries into .bin/sbom
	rm -rf $(BIN)/sbom $(BIN)/layout && mkdir -p $(BIN)/sbom $(BIN)/layout && tar -xf $(BIN)/tlsward.tar -C $(BIN)/layout
	cd tools && $(SBOM) -image $(BIN)/layout -out $(BIN)/sbom/tlsward-image.cdx.json $(foreach p,$(IMAGE_PLATFORMS),$(BIN)/$(subst /,-,$(p))/tlsward)
	cd tools && for platform in $(subst /,-,$(IMAGE_PLATFORMS)); do \
		$(SBOM) -out $(BIN)/sbom/tlsward-$$platform.cdx.json $(BIN)/$$platform/tlsward || exit; \
	done

dist: sbom ## Write what a release publishes into .bin/dist: binaries, image archive, chart, bills of materials, checksums
	$(call BUILD_PLATFORMS,$(PLATFORMS))
	rm -rf $(BIN)/dist && mkdir -p $(BIN)/dist
	for platform in $(subst /,-,$(PLATFORMS)); do for file in $(BIN)/$$platform/tlsward*; do \
		cp $$file $(BIN)/dist/tlsward-$$platform$${file##*/tlsward}; \
	done; done
	cd tools && for platform in $(subst /,-,$(PLATFORMS)); do \
		$(SBOM) -out $(BIN)/sbom/tlsward-$$platform.cdx.json $(BIN)/$$platform/tlsward* || exit; \
	done
	cp $(BIN)/tlsward.tar $(BIN)/dist/tlsward-image.tar
	cp $(BIN)/sbom/*.cdx.json $(BIN)/dist/
	cd tools && go run ./chartarchive -created "$(COMMITTED)" -out $(BIN)/dist ../charts/tlsward
	cd $(BIN)/dist && sha256sum * >checksums.txt && cat checksums.txt

reproducible: ## Build the release twice, from two clones in two places with two caches, and compare every byte
	.ci/reproducible

man: ## Write the manual pages into .bin/man/man1: man -M .bin/man tlsward-lint
	go run -tags manpages -ldflags '$(LDFLAGS)' ./cmd/tlsward man $(BIN)/man/man1

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
