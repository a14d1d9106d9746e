#!/bin/sh
# Keeps what a release leaves on disk: builds the release's commit, fills a cluster of it, and writes test/compat/<version>.
# Usage: test/compat/record.sh VERSION [COMMIT [DIRECTORY]]; COMMIT defaults to HEAD. With another DIRECTORY than
# test/compat it is a rehearsal: the tree stays as it is.
set -eu
[ $# -ge 1 ] || { sed -n '2,4p' "$0"; exit 2; }
version=$1
from=$PWD
cd "$(git rev-parse --show-toplevel)"
in=${3:-test/compat}
case $in in test/compat) in=$PWD/$in ;; /*) ;; *) in=$from/$in ;; esac
commit=$(git rev-parse "${2:-HEAD}^{commit}")
to=$in/$version
[ ! -e "$to" ] || { echo "$to exists already; what was recorded is never changed" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/source" "$work/data"
git archive "$commit" | tar -x -C "$work/source"
release=$(sed -n 's/.*Release = "\(.*\)"/\1/p' "$work/source/internal/compat/release.go")
[ "$release" = "$version" ] || { echo "$commit is release $release, not $version: give VERSION=$release, or the commit of $version" >&2; exit 1; }
(cd "$work/source" && GOFLAGS= go build -tags=hashicorpmetrics,grpcnotrace -buildvcs=false -ldflags "-X main.version=$version" -o "$work/dkron" ./cmd/dkron)
"$work/dkron" version | grep -qx "Version: $version" || { echo "the build does not report version $version" >&2; exit 1; }

# The directory appears only when it is complete.
DKRON_BINARY=$work/dkron go test -count=1 -run '^TestRecord$' ./test/compat -record="$work/data"
echo "$commit" >"$work/data/commit"
mkdir -p "$in"
cp -R "$work/data" "$to"
echo "$to is recorded from $commit; commit it"
