#!/bin/sh
# Keeps what a release leaves on disk: builds the release's commit, fills a cluster of it, and writes test/compat/<version>.
# Usage: test/compat/record.sh VERSION [COMMIT]; COMMIT defaults to HEAD.
set -eu
[ $# -ge 1 ] || { sed -n '2,3p' "$0"; exit 2; }
version=$1
cd "$(git rev-parse --show-toplevel)"
commit=$(git rev-parse "${2:-HEAD}^{commit}")
to=test/compat/$version
[ ! -e "$to/data.tar.gz" ] || { echo "$to is there already; what was recorded is never changed" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/source"
git archive "$commit" | tar -x -C "$work/source"
(cd "$work/source" && GOFLAGS= go build -tags=hashicorpmetrics -buildvcs=false -ldflags "-X main.version=$version" -o "$work/dkron" ./cmd/dkron)
"$work/dkron" version | grep -qx "Version: $version"

mkdir -p "$to"
DKRON_BINARY=$work/dkron go test -count=1 -run '^TestRecord$' ./test/compat -record="$PWD/$to"
echo "$commit" >"$to/commit"
echo "$to is recorded from $commit; commit it"
