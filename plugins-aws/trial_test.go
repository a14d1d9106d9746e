//go:build linux

package main

import (
	"path/filepath"
	"testing"

	"dkron/internal/pluginhost/trialtest"
)

// The plugin passes dkron plugin check, without an execution.
func TestThePluginPassesItsCheck(t *testing.T) {
	trialtest.Passes(t, filepath.Join(folder(t), name), true, nil)
}
