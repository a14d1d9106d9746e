package keyring

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"dkron"
)

// fleet is nodes that answer as real ones do. n1 is the server that is asked.
type fleet struct {
	nodes map[string]*node
	down  map[string]bool // these do not answer
	hang  bool
	dead  string // is seen as failed
}

func newFleet(t *testing.T, setting string) *fleet {
	f := &fleet{nodes: map[string]*node{}, down: map[string]bool{}}
	for _, name := range []string{"n1", "n2", "n3"} {
		f.nodes[name] = newNode(t, setting)
	}
	return f
}

func (f *fleet) ChangeKeys(ctx context.Context, n dkron.Node, c *Change) (*Keys, error) {
	if f.down[n.Name] {
		if f.hang {
			<-ctx.Done()
		}
		return nil, errors.New("connection refused")
	}
	return f.nodes[n.Name].Change(c)
}

func (f *fleet) members() (all []dkron.Node) {
	for _, name := range []string{"n3", "n2", "n1"} {
		all = append(all, dkron.Node{Name: name, Alive: name != f.dead})
	}
	return all
}

// ask has all nodes do something, such as "use b", and returns the table, or the error.
func (f *fleet) ask(text string) string {
	words := strings.Fields(text + " ")
	r := &Request{Act: Act(words[0]), Force: len(words) == 3}
	switch {
	case len(words) > 1 && r.Act == Install:
		r.Key = key(words[1])
	case len(words) > 1:
		r.ID = ID(key(words[1]))
	}
	k := NewKeeper(Config{Name: "n1", Own: f.nodes["n1"].Ring, Nodes: f, Members: f.members, Logger: quiet})
	report, err := k.ChangeAll(context.Background(), r)
	if err != nil {
		return readable(err.Error())
	}
	out := ""
	for _, n := range report.Nodes {
		out += fmt.Sprintf("%s:%s%s ", n.Node, strings.Join(n.IDs, ""), n.Error)
	}
	return readable(strings.TrimSpace(out))
}

// readable has the letters of keys in place of their ids.
func readable(text string) string {
	for _, c := range "abcz" { // ids of others stay
		text = strings.ReplaceAll(text, ID(key(string(c))), string(c))
	}
	return text
}

func (f *fleet) want(t *testing.T, text, want string) {
	t.Helper()
	if got := f.ask(text); got != want {
		t.Errorf("%s: %s\nwant %s", text, got, want)
	}
}

func (f *fleet) refuses(t *testing.T, text string, parts ...string) {
	t.Helper()
	before := f.ask("list")
	got := f.ask(text)
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%s: %s\nlacks %q", text, got, part)
		}
	}
	f.want(t, "list", before)
}

func TestAllNodesChangeTheirKeys(t *testing.T) {
	f := newFleet(t, "a")
	f.want(t, "list", "n1:a n2:a n3:a")
	f.want(t, "install b", "n1:ab n2:ab n3:ab")
	f.want(t, "use b", "n1:ba n2:ba n3:ba")
	f.want(t, "remove a", "n1:b n2:b n3:b")
}

func TestAKeyThatEncryptsIsNotRemoved(t *testing.T) {
	f := newFleet(t, "ab")
	f.refuses(t, "remove a", "the key a", "n1, n2, n3 encrypt: use another one first")
	f.refuses(t, "remove a force", "use another one first")
	f.nodes["n2"].must(t, "use b")
	f.refuses(t, "remove b force", "with which n2 encrypts")
}

func TestAKeyThatANodeLacksIsUsedByForceOnly(t *testing.T) {
	f := newFleet(t, "a")
	f.down["n2"], f.dead = true, "n2"
	f.want(t, "install b", "n1:ab n2:connection refused; gossip sees it as failed n3:ab")
	f.refuses(t, "use b", "n2 (connection refused", "--force")
	f.refuses(t, "remove z", "n2 (connection refused")
	f.down["n2"], f.dead = false, ""
	f.refuses(t, "use b", "the key b is missing on n2", "--force")
	f.refuses(t, "use z force", "no node has the key z")
	f.refuses(t, "remove z", "no node has the key z")
	if got := f.ask("use b force"); !strings.Contains(got, "n1:ba n2:this node does not have the key b") || !strings.HasSuffix(got, "n3:ba") {
		t.Error(got)
	}
	f.want(t, "install b", "n1:ba n2:ab n3:ba")
	f.want(t, "use b", "n1:ba n2:ba n3:ba")
	f.nodes["n2"].start(t, "c")
	if got := f.ask("install b"); !strings.HasPrefix(got, "n1:ba n2:it has none of the keys of the server that was asked") || !strings.HasSuffix(got, "n3:ba") {
		t.Error(got)
	}
}

func TestANodeThatHangsDelaysTheOthersForSecondsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, "a")
		f.hang, f.down["n3"] = true, true
		f.want(t, "list", "n1:a n2:a n3:no answer within 4 s")
	})
}

func TestARequestIsCheckedBeforeAnyNodeIsAsked(t *testing.T) {
	f := newFleet(t, "a")
	for text, want := range map[string]string{"use": "id: want the 8 characters", "install": "key: it has 0 bytes", "drop": "act: "} {
		f.refuses(t, text, want)
	}
	f.nodes["n1"].start(t, "")
	f.refuses(t, "list", "encrypt-mode")
	plain := newFleet(t, "a")
	plain.nodes["n2"] = newNode(t, "")
	plain.want(t, "list", "n1:a n2:its gossip is not encrypted n3:a")
}
