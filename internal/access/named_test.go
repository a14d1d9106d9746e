package access

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/request"
)

func TestWhomAProxyNamesMayDoWhatItsGroupsAllow(t *testing.T) {
	w := newWorld(t)
	w.auth.Config.Named = dkron.Roles{Of: map[string][]string{"oncall": {"operator"}, "root": {dkron.ManagementRole}, "old": {"gone"}}}
	i, err := w.auth.Named("ann", []string{"staff", "oncall"})
	if err != nil || i.How != dkron.ProofHeader || i.Session || i.Who() != "ann" || i.Owner() != "ann" || i.Token.Accessor != "" {
		t.Fatalf("%+v %v", i, err)
	}
	if !i.May(request.Run, "") || i.May(request.Write, "") || i.Manager() {
		t.Errorf("%v", i.Extents())
	}
	if text := i.Refuse(request.Write, "job x").Error(); !strings.Contains(text, `user "ann" may not write`) {
		t.Error(text)
	}
	if o, _ := dkron.OriginOf(With(t.Context(), i)); o.Name != "ann" || o.How != dkron.ProofHeader {
		t.Errorf("%+v", o)
	}
	if root, err := w.auth.Named("root", []string{"root"}); err != nil || !root.Manager() || root.Client() == i.Client() {
		t.Errorf("%+v %v", root, err)
	}
	for _, c := range []struct {
		groups []string
		want   string
	}{
		{nil, "the proxy names no groups of this user"}, {[]string{"staff", "dev"}, "none of the groups staff, dev has a policy"},
		{[]string{"old"}, `the policies that user "ann" would have do not exist: gone`},
	} {
		i, err := w.auth.Named("ann", c.groups)
		if !errors.Is(err, dkron.ErrForbidden) || !strings.Contains(err.Error(), c.want) || i.Who() != "ann" || i.Some(request.Read) {
			t.Errorf("%v: %+v %v", c.groups, i, err)
		}
	}
	w.auth.Config.Named.Default = "viewer"
	if i, err := w.auth.Named("bob", nil); err != nil || !i.May(request.Read, "") || i.May(request.Halt, "") {
		t.Errorf("by default: %+v %v", i, err)
	}
}

func TestAHeldRequestEndsWhenThePolicyOfANamedUserChanges(t *testing.T) {
	w := newWorld(t)
	go w.auth.Run(t.Context())
	w.auth.Config.Named.Default = "team"
	i, err := w.auth.Named("ann", nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, release := w.auth.Hold(t.Context(), i)
	defer release()
	w.policy("other", `{"rules":[{"verbs":["read"]}]}`)
	if ctx.Err() != nil {
		t.Error("it ends by a policy of others")
	}
	w.policy("team", `{"rules":[{"prefix":"team-","verbs":["read"]}]}`)
	select {
	case <-ctx.Done():
	case <-time.After(time.Minute):
		t.Error("a request goes on although its user may do less")
	}
}
