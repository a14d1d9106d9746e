package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKeysOfGossipAreChangedByCommands(t *testing.T) {
	key := func(b byte) string { return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(b), 16))) }
	n := start(t, "s1", nil, "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1", "DKRON_ENCRYPT="+key('a'))
	eventually(t, "a leader", n.ready)
	do := func(want int, says string, args ...string) string {
		t.Helper()
		code, out, err := dkron(append(append([]string{"keys"}, args...), "--rpc-addr="+n.rpc)...)
		if code != want || !strings.Contains(out+err, says) {
			t.Errorf("dkron keys %s: exit %d, stdout %q, stderr %q; want %d and %q", strings.Join(args, " "), code, out, err, want, says)
		}
		for _, k := range []string{key('a'), key('b')} {
			if strings.Contains(out+err, k) {
				t.Errorf("dkron keys %s prints a key: %s%s", strings.Join(args, " "), out, err)
			}
		}
		return out
	}
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "--gossip-key-file=" + path
	}
	id := func() string { return strings.Fields(do(0, "s1", "list"))[7] } // after six words of the heading and the node
	old := id()
	do(1, "--gossip-key-file", "install")
	do(1, "not base64 of 16, 24 or 32 bytes", "install", file("hunter2"))
	do(1, "want the id of one key", "use")
	do(1, "want the 8 characters", "use", "hunter2")
	do(1, "no node has the key 00000000", "use", "00000000", "--force")
	do(1, "use another one first", "remove", old)
	do(0, "Next: dkron keys use ", "install", file(key('b')+"\n"))
	if id() != old {
		t.Error("a key that was only installed encrypts")
	}
	fresh := strings.Fields(do(0, "s1", "list"))[8]
	do(0, "into the setting encrypt", "use", fresh)
	do(0, "All nodes have done it", "remove", old)
	if got := id(); got != fresh {
		t.Errorf("%s encrypts, want %s", got, fresh)
	}

	plain := start(t, "p1", nil, "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1")
	eventually(t, "a leader", plain.ready)
	if code, _, err := dkron("keys", "list", "--rpc-addr="+plain.rpc); code != 1 || !strings.Contains(err, "encrypt-mode") {
		t.Errorf("a cluster without encryption: %d, %s", code, err)
	}
}
