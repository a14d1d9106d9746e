package review

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

func TestSecretsThatAJobWillNotGetAreWarnedOf(t *testing.T) {
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	err = store.Update(1, func(tx *state.Tx) error {
		if err := tx.PutSecret(&dkron.Secret{Name: "billing-db", Jobs: []string{"billing-*"}}); err != nil {
			return err
		}
		return tx.PutSecret(&dkron.Secret{Name: "token"})
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &Reviewer{Store: store, Logger: slog.New(slog.DiscardHandler)}
	warnings := func(config map[string]string) (texts []string) {
		j := &dkron.Job{Name: "report", Schedule: "@daily", Executor: "shell", ExecutorConfig: config}
		for _, p := range r.Problems(j, time.Now()) {
			if strings.HasPrefix(p.Field, "executor_config") {
				texts = append(texts, p.Field+": "+p.Text)
			}
		}
		return texts
	}
	if got := warnings(map[string]string{"command": "echo ${HOME} $${secret:x}", "env": "A=${secret:token}"}); len(got) != 0 {
		t.Errorf("warned of %q", got)
	}
	got := warnings(map[string]string{"env": "A=${secret:tokn},B=${secret:billing-db}", "command": "curl -H ${secret:token}"})
	for i, want := range []string{
		"executor_config.command refers to secret token, and other users of the node may see a running command",
		"executor_config.env refers to secret billing-db, which is for the jobs billing-* only, so every execution fails",
		"executor_config.env refers to secret tokn, which does not exist, so every execution fails until somebody sets it; did you mean token?",
	} {
		if i >= len(got) || !strings.Contains(got[i], want) {
			t.Errorf("warned of %q, want %q", got, want)
		}
	}
}
