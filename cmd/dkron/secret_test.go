package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestASecretGetsItsJobsAndLosesThemAndIsRemovedByForceOnly(t *testing.T) {
	n := start(t, "s1", nil, "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1", "DKRON_SECRETS_KEY="+base64.StdEncoding.EncodeToString(make([]byte, 32)))
	eventually(t, "a leader", n.ready)
	do := func(want int, says string, args ...string) string {
		t.Helper()
		code, out, err := dkron(append(append([]string{"secret"}, args...), "--rpc-addr="+n.rpc)...)
		if code != want || !strings.Contains(out+err, says) {
			t.Errorf("dkron secret %s: exit %d, stdout %q, stderr %q; want %d and %q", strings.Join(args, " "), code, out, err, want, says)
		}
		return out
	}
	jobs := func(want ...string) {
		t.Helper()
		var all []struct {
			Name string
			Jobs []string
		}
		if err := json.Unmarshal([]byte(do(0, "", "list", "--output=json")), &all); err != nil || len(all) != 1 || !slices.Equal(all[0].Jobs, want) {
			t.Errorf("%+v, %v; want %q", all, err, want)
		}
	}
	file := filepath.Join(t.TempDir(), "value")
	if err := os.WriteFile(file, []byte("correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	do(1, "there is no value", "set", "db")
	do(0, "Secret db set", "set", "db", "--value-file="+file, "--job=billing-*", "--job=report")
	jobs("billing-*", "report")
	do(0, "Secret db set", "set", "db", "--value-file="+file)
	jobs("billing-*", "report")
	do(0, "Secret db set", "set", "db", "--job=other")
	jobs("other")
	do(0, "Secret db set", "set", "db", "--job=")
	jobs()

	job := `{"name":"export","schedule":"@manually","executor":"shell","executor_config":{"command":"true","env":"A=${secret:db}"}}`
	answer, err := http.Post("http://"+n.http+"/v1/jobs", "application/json", strings.NewReader(job))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	do(1, "is used by the jobs export", "remove", "db")
	jobs()
	do(0, "Secret db removed", "remove", "db", "--force")
	do(1, "secret", "remove", "db", "--force")
}
