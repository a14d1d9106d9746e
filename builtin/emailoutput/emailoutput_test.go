package emailoutput

import (
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestConfigurationsAreJudged(t *testing.T) {
	p := New(nil, slog.New(slog.DiscardHandler))
	for _, c := range []struct {
		config map[string]string
		want   string
	}{
		{map[string]string{"provider": "ops", "emails": "a@b.c, d@e.f", "onSuccess": "true"}, ""},
		{nil, "provider is empty, so nothing is sent; write the name of an entry of dkron-processor-email.yml\nemails is empty, so nothing is sent; write addresses, separated by commas"},
		{map[string]string{"provider": "ops", "emails": "a@b.c, nobody"}, `emails has "nobody" in it, which is not an address, so nothing is sent to it; write one such as ops@example.com`},
		{map[string]string{"provider": "ops", "emails": "a@b.c", "onSuccess": "yes"}, `onSuccess "yes" is not a boolean, using false; write "true" or "false"`},
	} {
		var got []string
		for _, problem := range p.Check(c.config) {
			got = append(got, problem.Key+" "+problem.Text)
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%v: %q", c.config, got)
		}
	}
}

func TestAnEntryThatCannotWorkIsNamedWhenTheNodeStarts(t *testing.T) {
	dir := t.TempDir()
	text := "ops: {host: 'mx:25', port: x, from: me, user: me, password: s3cret, tls: 'yes'}\n"
	if err := os.WriteFile(filepath.Join(dir, "dkron-processor-email.yml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	New([]string{dir}, slog.New(slog.NewTextHandler(&log, nil)))
	for _, want := range []string{"host has a port in it", "port is not a number", "from is", "tls is", "password is set without username", `the key \"user\" is unknown and ignored`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s is missing: %s", want, log.String())
		}
	}
	if strings.Contains(log.String(), "s3cret") {
		t.Error(log.String())
	}
}

func TestSoManyMessagesAreRememberedAndNoMore(t *testing.T) {
	var s served
	for i := range maxServed + 10 {
		s.note(strconv.Itoa(i), []string{"a"}, map[string]string{"b": "no"})
	}
	if len(s.byID) != maxServed || len(s.order) != maxServed || len(s.without("5", []string{"a"})) != 1 || len(s.without("500", []string{"a", "b", "c"})) != 1 {
		t.Errorf("%d %d", len(s.byID), len(s.order))
	}
}
