package keyring

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dkron"
)

var quiet = slog.New(slog.DiscardHandler)

func key(c string) []byte { return []byte(strings.Repeat(c, 32)) }

func keys(text string) (all [][]byte) {
	for _, c := range text {
		all = append(all, key(string(c)))
	}
	return all
}

// pool is a gossip that notes its keys.
type pool struct {
	keys [][]byte
	err  error
}

func (p *pool) SetKeys(keys [][]byte) error {
	if p.err == nil {
		p.keys = keys
	}
	return p.err
}

// node is a node with a data directory.
type node struct {
	*Ring
	gossip pool
	path   string
	out    bytes.Buffer
}

// start starts the node with the setting encrypt.
func (n *node) start(t *testing.T, setting string) {
	t.Helper()
	n.out.Reset()
	var err error
	if n.Ring, err = Open(n.path, keys(setting), slog.New(slog.NewTextHandler(&n.out, nil))); err != nil {
		t.Fatal(err)
	}
	n.gossip.keys = n.Keys()
	n.Begin(&n.gossip)
}

func newNode(t *testing.T, setting string) *node {
	n := &node{path: filepath.Join(t.TempDir(), "serf", "keyring")}
	n.start(t, setting)
	return n
}

// has fails unless gossip and the node have these keys.
func (n *node) has(t *testing.T, want string) {
	t.Helper()
	if !same(n.gossip.keys, keys(want)) || !same(n.Keys(), keys(want)) {
		t.Errorf("gossip has %s, the node %s; want %s, which is %q", IDs(n.gossip.keys), IDs(n.Keys()), IDs(keys(want)), want)
	}
}

func (n *node) change(act Act, of string) error {
	c := &Change{Act: act, ID: ID(key(of))}
	if act == Install {
		c.Sealed, _ = seal(n.Keys()[0], key(of))
	}
	got, err := n.Change(c)
	if err == nil && !slices.Equal(got.IDs, IDs(n.Keys())) {
		err = errors.New("it returned other keys than it has")
	}
	return err
}

// must makes changes such as "install b".
func (n *node) must(t *testing.T, changes ...string) {
	t.Helper()
	for _, one := range changes {
		act, of, _ := strings.Cut(one, " ")
		if err := n.change(Act(act), of); err != nil {
			t.Fatalf("%s: %v", one, err)
		}
	}
}

func TestAKeyIsInstalledUsedAndTheOldOneRemoved(t *testing.T) {
	n := newNode(t, "a")
	n.must(t, "install b")
	n.has(t, "ab")
	n.must(t, "install b", "use b")
	n.has(t, "ba")
	n.must(t, "use b", "remove a")
	n.has(t, "b")
	n.must(t, "remove a")
	n.has(t, "b")
	for _, id := range IDs(keys("ab")) {
		if !strings.Contains(n.out.String(), id) {
			t.Errorf("the log does not name the key %s: %s", id, &n.out)
		}
	}
}

func TestWhatWouldCutTheNodeOffIsRefusedAndChangesNothing(t *testing.T) {
	n := newNode(t, "ab")
	for _, c := range []struct {
		act      Act
		of, want string
	}{{Remove, "a", "use another one first"}, {Use, "c", "install it first"}, {"drop", "b", "want list, install"}} {
		if err := n.change(c.act, c.of); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v", c.act, c.of, err)
		}
	}
	for _, sealed := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("x"), 60), sealedWith("c", "d"), sealedShort(t)} {
		if _, err := n.Change(&Change{Act: Install, ID: "x", Sealed: sealed}); err == nil {
			t.Errorf("%x is installed", sealed)
		}
	}
	n.has(t, "ab")
	if _, err := os.Stat(n.path); err == nil {
		t.Error("a file was written")
	}
	n.must(t, "install c", "install d", "install e", "install f", "install g", "install h")
	if err := n.change(Install, "i"); err == nil || !strings.Contains(err.Error(), "remove one first") {
		t.Errorf("a ninth key: %v", err)
	}
}

func sealedWith(with, of string) []byte { s, _ := seal(key(with), key(of)); return s }

func sealedShort(t *testing.T) []byte {
	s, err := seal(key("a"), []byte("short"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestANewKeyIsNotSentAsItIs(t *testing.T) {
	sealed := sealedWith("a", "b")
	if bytes.Contains(sealed, key("b")[:8]) {
		t.Error("whoever reads the call has the key")
	}
	if got, err := unseal(keys("xa"), sealed); err != nil || !bytes.Equal(got, key("b")) {
		t.Errorf("%s, %v", got, err)
	}
}

func TestARestartBringsNoRemovedKeyBackAndAChangedSettingCounts(t *testing.T) {
	n := newNode(t, "a")
	n.must(t, "install b", "use b", "remove a")
	if info, err := os.Stat(n.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}

	n.start(t, "a")
	n.has(t, "b")
	if !strings.Contains(n.out.String(), "put the present one there") {
		t.Errorf("nothing says that the setting is older: %s", &n.out)
	}
	n.must(t, "install c")
	n.start(t, "")
	n.has(t, "bc")
	n.start(t, "a")
	n.has(t, "bc")

	n.start(t, "ca")
	n.has(t, "ca")
	if !strings.Contains(n.out.String(), "the setting counts") {
		t.Errorf("nothing says that the file no longer counts: %s", &n.out)
	}
	n.start(t, "a")
	n.has(t, "a")
}

func TestAFileThatOthersCanReadIsTakenAwayFromThemWithAWarning(t *testing.T) {
	n := newNode(t, "a")
	n.must(t, "install b")
	if err := os.Chmod(n.path, 0o644); err != nil {
		t.Fatal(err)
	}
	n.start(t, "a")
	n.has(t, "ab")
	info, err := os.Stat(n.path)
	if err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(n.out.String(), "change the keys") {
		t.Errorf("%v, %v: %s", info, err, &n.out)
	}
}

func TestADamagedFileIsAnErrorThatSaysWhatToDo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring")
	for _, text := range []string{"", "{", "[]", `{"keys":[]}`, `{"keys":["c2hvcnQ="]}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, keys("a"), quiet); err == nil || !strings.Contains(err.Error(), "Remove it") || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestWhatCanNotBeSavedOrUsedIsNotChanged(t *testing.T) {
	n := newNode(t, "a")
	n.must(t, "install b")
	n.gossip.err = errors.New("no")
	if err := n.change(Install, "c"); !errors.Is(err, dkron.ErrUnavailable) {
		t.Errorf("gossip refused: %v", err)
	}
	n.gossip.err = nil
	n.has(t, "ab")
	n.start(t, "a")
	n.has(t, "ab")
	if err := os.RemoveAll(filepath.Dir(n.path)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Dir(n.path), nil, 0o600); err != nil { // no folder can be there
		t.Fatal(err)
	}
	if err := n.change(Use, "b"); err == nil {
		t.Error("a change that can't be saved is made")
	}
	n.has(t, "ab")
}

func TestWithoutEncryptionThereIsNothingToChange(t *testing.T) {
	n := newNode(t, "")
	if _, err := n.Change(&Change{Act: Install, Sealed: sealedWith("a", "b")}); !errors.Is(err, dkron.ErrConflict) || !strings.Contains(err.Error(), "encrypt-mode") {
		t.Errorf("%v", err)
	}
}
