//go:build linux

package shell_test

import (
	"errors"
	"syscall"
	"testing"

	"dkron/builtin/shell"
	"dkron/plugin"
)

// withoutFiles runs f while this process can open nothing.
func withoutFiles(t *testing.T, f func()) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
	}()
	f()
}

func TestWithoutDescriptorsNothingStartsAndItCanBeTriedAgain(t *testing.T) {
	for name, config := range map[string]map[string]string{
		"output":  {"command": "true"},
		"payload": {"command": "true", "payload": "eA=="},
	} {
		e := shell.New(shell.Options{})
		var resp *plugin.ExecuteResponse
		var err error
		var rec recorder
		withoutFiles(t, func() { resp, err = e.Execute(t.Context(), request(config), &rec) })
		if !errors.Is(err, plugin.ErrShortage) || !errors.Is(err, syscall.EMFILE) || rec.output() != "" {
			t.Errorf("%s: %+v, %v, %q", name, resp, err, rec.output())
		}
		// Also what is opened once for all commands is opened now.
		if resp, err = e.Execute(t.Context(), request(config), &rec); err != nil || resp.Error != "" {
			t.Errorf("%s: afterwards: %+v, %v", name, resp, err)
		}
	}
}
