# Bare `make` prints the targets. Needs Go 1.26 or newer, make, and Node 20.19 or newer with npm for the page. `make test`
# also uses a C compiler, for the race detector, and Chromium, for the page, and does without them, saying so, where there
# are none.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# A build of a release's tag has its number; another one has the number that is to come, and the commit.
RELEASE := $(shell sed -n 's/.*Release = "\(.*\)"/\1/p' internal/compat/release.go)
VERSION ?= $(or $(patsubst v%,%,$(shell git describe --tags --exact-match --match 'v*' --dirty=-dirty 2>/dev/null)),$(RELEASE)$(addprefix +,$(shell git describe --always --exclude '*' --dirty=-dirty 2>/dev/null)))
# hashicorpmetrics: raft and serf share one library of metrics. grpcnotrace: gRPC keeps no traces for a page that nothing
# serves, which saves 0.3 MB.
TAGS    := hashicorpmetrics,grpcnotrace
LDFLAGS := -s -w -X main.version=$(VERSION)

# The version is stamped by LDFLAGS, so that a source archive builds like a clone.
export GOFLAGS := $(strip $(GOFLAGS) -tags=$(TAGS) -buildvcs=false)

# Without cgo everywhere but under the race detector, so that all targets share one compilation of everything: most of the
# time of a first build goes there. For the same reason only `dist` has -trimpath.
export CGO_ENABLED := 0

BIN      := bin/dkron
PROGRAMS := dkron:cmd/dkron dkron-plugins:plugins dkron-executor-gcppubsub:plugins-gcp dkron-executor-docker:plugins-docker dkron-executor-ecs:plugins-aws
LINT     := bin/golangci-lint
DEADCODE := bin/deadcode
VULNCHECK := bin/govulncheck
FUZZTIME ?= 10s
BENCH    ?= .
DAYS     ?= 400
RACE     := $(shell command -v $${CC:-cc} >/dev/null 2>&1 && echo -race)
PLATFORMS ?= linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64 freebsd/amd64 freebsd/arm64

# The page is built into the binary; PAGE= leaves it out, for machines without Node.
PAGE     ?= internal/webui/dist/index.html
PACKAGES := web/node_modules/.package-lock.json
WEB      := npm --prefix web run --silent
CHROMIUM ?= $(shell command -v chromium-headless-shell chromium chromium-browser google-chrome 2>/dev/null | head -n1)

# Modules of their own, so that what plugins need is not in dkron. Targets that prove something go through them as well.
MODULES := $(patsubst %/go.mod,%,$(wildcard plugins*/go.mod))
each     = @set -e; for m in $(MODULES); do echo "in $$m: $(strip $(1))"; (cd $$m && $(1)); done

# Tests of the whole run real processes and have their own line in `test`. A program under the race detector sleeps for a second
# when it ends; `test` turns that off (GORACE), since plugins and guards end often.
# The slowest units come first, so that nothing waits for one of them at the end. Three packages at a time keep two processors
# busy, since some mostly wait. `vet` is a target of its own.
SLOW  = pluginhost gossip consensus
UNITS = $(SLOW:%=./internal/%) $$(go list ./... | grep -v '/test/')
# These start no goroutine. Under the race detector their many random histories would take minutes, and it would find nothing.
PURE  = internal/command cron
# ALONE measures the memory and the time of a restart, and fails on a machine that others keep busy: it runs in `torture` only.
ALONE = ^TestLargeOutputs
WHOLE = $(filter-out %/newcomer %/cluster,$(shell go list ./test/... 2>/dev/null))

##@ Use

help: ## Print this
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: $(PAGE) ## Build bin/dkron, with the page in it
	go build -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/dkron

plugins: ## Build the plugins of this repository into bin/, where dkron finds them
	@for p in $(filter-out dkron:%,$(PROGRAMS)); do \
		(cd $${p#*:} && go build -ldflags '$(LDFLAGS)' -o $(CURDIR)/bin/$${p%:*} .) || exit 1; \
	done
	@bin/dkron-plugins install bin

run: build plugins ## Build and run one throwaway server on this machine, with the plugins
	$(BIN) agent --dev

page: internal/webui/dist/index.html ## Build only the page

internal/webui/dist/index.html: $(PACKAGES) api/openapi.yaml $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/e2e/*' 2>/dev/null)
	@$(WEB) build

$(PACKAGES): web/package.json web/package-lock.json
	@command -v npm >/dev/null || { echo "The page needs Node 20.19 or newer with npm. Install it, or build without the page: make $(or $(MAKECMDGOALS),build) PAGE=" >&2; exit 1; }
	@echo "fetching what the page is built with"
	@npm --prefix web ci --no-audit --no-fund --loglevel=error
	@touch $@

dist: $(PAGE) ## Build for all platforms into dist/, with checksums
	@mkdir -p dist && rm -f dist/dkron* dist/SHA256SUMS
	@for p in $(PLATFORMS); do \
		os=$${p%/*}; arch=$${p#*/}; ext=; [ $$os = windows ] && ext=.exe; \
		for from in $(PROGRAMS); do \
			out=dist/$${from%:*}_$(VERSION)_$${os}_$$arch$$ext; echo $$out; \
			(cd $${from#*:} && GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags '$(LDFLAGS)' -o $(CURDIR)/$$out .) || exit 1; \
		done; \
	done
	@cd dist && sha256sum dkron* > SHA256SUMS

##@ Prove

test: ## Run all tests: units under the race detector and shuffled, real clusters, the page
	@$(if $(RACE),:,echo "No C compiler found: the race detector is left out." >&2)
	@$(if $(RACE),CGO_ENABLED=1 GORACE=atexit_sleep_ms=0) go test $(RACE) -vet=off -p 3 -shuffle=on -timeout 15m $$(printf '%s\n' $(UNITS) | grep -v $(PURE:%=-e '/%$$'))
	@echo "running the tests on real clusters and, alongside them, those of plugins, the clock and the page's components; results follow when each group has ended"
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-whole test-beside
	@$(if $(PAGE),$(MAKE) --no-print-directory test-browser,echo "PAGE is empty: the tests of the page are left out." >&2)

test-whole:
	@go test -vet=off -count=1 -timeout 30m -skip '$(ALONE)' ./test/cluster
	@go test -vet=off -count=1 -timeout 30m $(WHOLE)

# The tests on real clusters mostly wait. They come before the other tests of the whole, since they look at how long things take.
# What runs alongside them has a low priority. With LATE=lint the linter runs here too.
test-beside:
	@nice -n 15 $(MAKE) --no-print-directory -j1 test-pure test-modules test-clock $(if $(PAGE),test-components) test-newcomer $(LATE)

test-pure:
	@go test -vet=off -shuffle=on -timeout 15m $(PURE:%=./%)

# Without the race detector, for which the libraries of the cloud providers would be compiled once more. RACE_MODULES=-race uses it.
test-modules:
	$(call each,$(if $(RACE_MODULES),CGO_ENABLED=1) go test $(RACE_MODULES) -vet=off -shuffle=on -timeout 15m ./...)

test-clock:
	@go test -tags=$(TAGS),clockshift -count=1 -timeout 10m ./test/clock -rapid.checks=500

# It compiles much, and is therefore among what has a low priority.
test-newcomer:
	@go test -vet=off -count=1 -timeout 30m ./test/newcomer

test-page: test-components test-browser ## Run only the tests of the page

test-components: $(PACKAGES)
	@$(WEB) test

test-browser: build $(PACKAGES)
	@$(if $(CHROMIUM),CHROMIUM=$(CHROMIUM) $(WEB) e2e,echo "No Chromium found: the tests in a browser are left out. On Debian: apt-get install chromium-headless-shell" >&2; [ -z "$$CI" ])

# They show the number of the release, not that of a commit.
screenshots: LDFLAGS := -s -w -X main.version=$(RELEASE)
screenshots: build $(PACKAGES) ## Take the pictures of the README and the guide
	@DOCS=1 CHROMIUM=$(CHROMIUM) $(WEB) screenshots

fuzz: ## Fuzz each fuzz test for FUZZTIME (10s)
	@grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -r -n1 dirname | sort -u | while read -r dir; do \
		for name in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$dir/*_test.go | cut -d' ' -f2); do \
			echo "$$dir $$name"; (cd "$$dir" && go test -run='^$$' -fuzz="^$$name\$$" -fuzztime=$(FUZZTIME) .) || exit 1; \
		done; \
	done

torture: ## Run the long versions of the tests on real clusters, up to an hour
	DKRON_TORTURE=1 go test -count=1 -timeout 60m -parallel 1 -v ./test/...

# What they start of others, such as rsyslog, has the real date and does not accept certificates of the future.
calendar: ## Run the unit tests as if it were DAYS (400) later, with a clock patched into Go: none may depend on the date
	@set -e; dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; from=$$(go env GOROOT)/src/time/time.go; \
	sed '/^func Now()/,/^}/ s/^\tif mono == 0 {/\tif !runtimeIsBubbled() { sec += $(DAYS) * 86400 }\n&/' $$from >$$dir/time.go; \
	if cmp -s $$from $$dir/time.go; then echo "time.Now of this Go can't be patched" >&2; exit 1; fi; \
	printf '{"Replace": {"%s": "%s"}}' $$from $$dir/time.go >$$dir/overlay.json; \
	go test -overlay=$$dir/overlay.json -vet=off -shuffle=on -timeout 15m $$(go list ./... | grep -v -e /test/ -e /syslogoutput)

bench: ## Run benchmarks; BENCH selects
	go test -run='^$$' -bench='$(BENCH)' -benchmem -count=$(or $(COUNT),1) $(UNITS)

##@ Change

check: format vet $(filter-out $(LATE),lint) dead tidy generated check-page test ## All that has to pass before a change is merged

format: ## Fail if a file is not formatted
	@out=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); [ -z "$$out" ] || { echo "not formatted, run gofmt -w on:"; echo "$$out"; exit 1; }

check-page: $(PACKAGES) ## Format, linter and types of the page
	@$(WEB) check

vet: ## go vet
	go vet ./...
	go vet -tags=$(TAGS),clockshift ./internal/clock ./test/clock
	go vet -tags=$(TAGS),nextprotocol ./internal/compat ./internal/command ./internal/control
	$(call each,go vet ./...)

lint: $(LINT) ## golangci-lint, built here at the version in tools/golangci-lint.mod
	$(LINT) run ./...
	$(call each,$(CURDIR)/$(LINT) run ./...)

$(LINT): tools/golangci-lint.mod
	@echo "building golangci-lint, once; this takes a minute or two"
	@go build -modfile=$< -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

# plugin is for authors of executors, who are not here. Tests of httpapi look at Streams.Open of another room.
DEAD_OK := ^plugin/|Streams\.Open$$

dead: $(DEADCODE) ## Fail if no program reaches a function; what only tests use belongs in tests
	@out=$$($(DEADCODE) -tags=$(TAGS) ./cmd/dkron ./docs/gen ./plugin/example/...) || exit 1; \
	out=$$(echo "$$out" | grep -vE '$(DEAD_OK)'); [ -z "$$out" ] || { echo "no program reaches these; delete them, or move them to the tests that use them:"; echo "$$out"; exit 1; }
	@for m in $(MODULES); do (cd $$m && out=$$($(CURDIR)/$(DEADCODE) -tags=$(TAGS) .) && { [ -z "$$out" ] || { echo "no program in $$m reaches these:"; echo "$$out"; exit 1; }; }) || exit 1; done

$(DEADCODE): tools/deadcode.mod
	@go build -modfile=$< -o $@ golang.org/x/tools/cmd/deadcode

# govulncheck ends with 3 if it has found something. Its database is on the network: without it nothing can be said, which is no reason
# to fail, but to say so.
DATABASE := https://vuln.go.dev

vulnerable: $(VULNCHECK) ## Fail if a program reaches code with a known vulnerability; asks a database on the network
	@if ! curl -sfL -m 10 -o /dev/null $(DATABASE)/index/db.json; then \
		echo "Known vulnerabilities were NOT looked for: their database can't be reached from this machine. Run make vulnerable where it can." >&2; exit 0; fi; \
	$(CURDIR)/$(VULNCHECK) -db=$(DATABASE) -tags=$(TAGS) ./cmd/dkron && \
	for m in $(MODULES); do echo "in $$m:"; (cd $$m && $(CURDIR)/$(VULNCHECK) -db=$(DATABASE) -tags=$(TAGS) .) || exit 1; done

$(VULNCHECK): tools/govulncheck.mod
	@go build -modfile=$< -o $@ golang.org/x/vuln/cmd/govulncheck

tidy: ## Fail if go.mod is not tidy
	go mod tidy -diff
	$(call each,go mod tidy -diff)

generate: $(PACKAGES) ## Write what is made from others: docs/guide/configuration.md, the types of the page's client
	go run ./docs/gen
	@$(WEB) schema

generated: $(PACKAGES) ## Fail if what is made from others is not current
	go run ./docs/gen -check
	@$(WEB) schema -- --check

compat: ## Keep what release VERSION, built from COMMIT (HEAD), writes to disk: test/compat/VERSION; see docs/RELEASING.md
	@test/compat/record.sh $(VERSION) $(or $(COMMIT),HEAD)

clean: ## Remove what was built
	rm -rf bin dist web/node_modules web/e2e/out
	@find internal/webui/dist -mindepth 1 ! -name .keep -delete

.PHONY: help build plugins page run dist calendar test test-whole test-beside test-modules test-clock test-newcomer test-page test-components test-browser screenshots fuzz torture bench check check-page format vet lint dead vulnerable tidy generate generated compat clean
