package membership

import (
	"errors"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/roster"
)

// seen returns the voters that a text names, as s1 sees them: name, then + alive, - failed, ~ left, ? unknown, then the
// value of the tag. A server whose name begins with n has no vote.
func seen(text string) (servers []roster.Server, members []roster.Member) {
	for _, word := range strings.Fields(text) {
		i := strings.IndexAny(word, "+-~?")
		name, tag := word[:i], word[i+1:]
		servers = append(servers, roster.Server{ID: name, Voter: name[0] == 's'})
		m := roster.Member{Name: name, Tags: map[string]string{}}
		if tag != "" {
			m.Tags["stopping"] = tag
		}
		switch word[i] {
		case '+':
			m.Status = roster.Alive
		case '-':
			m.Status = roster.Failed
		case '~':
			m.Status = roster.Left
		case '?':
			continue
		}
		members = append(members, m)
	}
	return servers, members
}

func TestWhoStaysInTheConfiguration(t *testing.T) {
	for _, c := range []struct {
		voters  string // s1 is the one that stops
		forGood bool
		why     string // part of the reason; empty: it leaves
	}{
		{"s1+", false, "only voter"},
		{"s1+", true, "only voter"},
		{"s1+ n2+", true, "only voter"},
		{"s1+ s2+", false, ""},
		{"s1+ s2+ s3+", false, ""},
		{"s1+ s2+ s3+", true, ""},

		// Others stop too.
		{"s1+ s2+term s3+", false, "same time: s2"},
		{"s1+ s2+term s3+term", false, "same time: s2, s3"},
		{"s1+ s2~term s3+", false, "same time: s2"},
		{"s1+ s2~ s3+", false, "same time: s2"}, // its tag is lost: the safe reading
		{"s1+ s2+term s3+", true, ""},
		{"s1+ s2+ s3+ n4+term", false, ""},

		// No majority without it.
		{"s1+ s2+ s3-", false, "s2, would not be a majority of s2, s3"},
		{"s1+ s2+ s3?", false, "not be a majority"},
		{"s1+ s2- s3-", false, "none, would not be a majority"},
		{"s1+ s2+ s3+ s4-", false, ""},
		{"s1+ s2+ s3-", true, "s3 can't be reached"},
		{"s1+ s2+ s3+ s4-", true, ""},

		// Others leave for good.
		{"s1+ s2+leave s3+", false, ""},
		{"s1+ s2+leave s3+leave", false, "not be a majority"},
		{"s1+ s2+leave s3+leave", true, ""},
		{"s1+ s2~leave s3+", false, "s2 can't be reached"}, // until the leader has taken it out
	} {
		servers, members := seen(c.voters)
		why := stays(voters(servers, members, "s1"), c.forGood)
		if (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s, for good %t: %q, want something with %q", c.voters, c.forGood, why, c.why)
		}
	}
}

func TestWhichServersCanBeRemoved(t *testing.T) {
	for _, c := range []struct {
		voters, id string
		kind       error
		text       string
	}{
		{"s1+ s2+ s3-", "s3", nil, ""},
		{"s1+ s2+ s3+", "s3", nil, ""},
		{"s1+ s2-", "s2", nil, ""},
		{"s1+ s2+ s3-", "s2", dkron.ErrConflict, "s3 can't be reached"},
		{"s1+ s2- n3-", "n3", nil, ""},
		{"s1+ n2+", "s1", dkron.ErrConflict, "need at least one voter in configuration"},
		{"s1+ s2+", "x", dkron.ErrNotFound, `id "x" was not found in the Raft configuration, which has s1, s2`},
		{"", "x", dkron.ErrNotFound, "which has none"},
	} {
		servers, members := seen(c.voters)
		err := removable(servers, c.id, voters(servers, members, c.id))
		if !errors.Is(err, c.kind) || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s of %s: %v", c.id, c.voters, err)
		}
	}
}

func TestOnlyThoseThatSaidSoAreTakenForGoneForGood(t *testing.T) {
	_, members := seen("s1+ s2~leave s3~term s4~ s5-leave s6+leave")
	if got := leavers(members); len(got) != 1 || got[0] != "s2" {
		t.Errorf("%v", got)
	}
}
