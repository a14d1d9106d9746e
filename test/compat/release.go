package compat

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"dkron/internal/compat"
)

//go:embed */commit
var commits embed.FS

// Release is a release whose data are kept here.
type Release struct {
	Name   string // as 0.1.0; its directory
	Commit string // that it was built from
}

// Releases returns the releases, oldest first.
func Releases() (list []Release) {
	entries, err := commits.ReadDir(".")
	if err != nil {
		panic(err) // it is built in
	}
	for _, e := range entries {
		commit, err := commits.ReadFile(path.Join(e.Name(), "commit"))
		if err != nil {
			panic(err)
		}
		list = append(list, Release{e.Name(), strings.TrimSpace(string(commit))})
	}
	slices.SortFunc(list, func(a, b Release) int { return slices.Compare(numbers(a.Name), numbers(b.Name)) })
	return list
}

// Former returns the last release before the one that this source becomes, false if that is the first.
func Former() (last Release, ok bool) {
	for _, r := range Releases() {
		if slices.Compare(numbers(r.Name), numbers(compat.Release)) < 0 {
			last, ok = r, true
		}
	}
	return last, ok
}

func numbers(name string) (list []int) {
	for part := range strings.SplitSeq(name, ".") {
		n, _ := strconv.Atoi(part)
		list = append(list, n)
	}
	return list
}

// Build builds the release's binary, without the page, from its commit, which must be in this clone.
func (r Release) Build(to string) error {
	dir, err := os.MkdirTemp("", "dkron-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	root, err := exec.Command("git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return fmt.Errorf("find the repository: %w", err)
	}
	archive := exec.Command("git", "-C", strings.TrimSpace(string(root)), "archive", "--format=tar", r.Commit)
	var tar bytes.Buffer
	archive.Stdout, archive.Stderr = &tar, os.Stderr
	if err := archive.Run(); err != nil {
		return fmt.Errorf("the commit %s of release %s is not in this clone; fetch it, with its history: %w", r.Commit, r.Name, err)
	}
	unpack := exec.Command("tar", "-x", "-C", dir)
	unpack.Stdin = &tar
	if out, err := unpack.CombinedOutput(); err != nil {
		return fmt.Errorf("unpack release %s: %w\n%s", r.Name, err, out)
	}
	build := exec.Command("go", "build", "-race=false", "-tags=hashicorpmetrics,grpcnotrace", "-buildvcs=false", "-ldflags=-X main.version="+r.Name, "-o", filepath.Clean(to), "./cmd/dkron")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build release %s: %w\n%s", r.Name, err, out)
	}
	return nil
}
