//go:build unix

package pluginhost

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"dkron/plugin"
)

// telling is an executor that says what its environment is.
type telling struct{}

func (telling) Execute(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
	return &plugin.ExecuteResponse{Output: []byte(strings.Join(os.Environ(), "\n"))}, nil
}

func TestAPluginInheritsTheEnvironmentWithoutWhatIsForTheAgent(t *testing.T) {
	for name, value := range map[string]string{
		"DKRON_ENCRYPT": "s3cret", "DKRON_MAIL_PASSWORD": "s3cret", "DKRON_REGION": "eu", "PLUGIN_TOKEN": "s3cret", "LICENSE_FILE": "/srv/license",
	} {
		t.Setenv(name, value)
	}
	h := hosted(t, "dkron-executor-env")
	h.cfg.PassEnv = []string{"DKRON_REGION"}
	resp, err := h.Executors()["env"].Execute(t.Context(), request(""), new(report))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(string(resp.Output), "\n")
	for _, want := range []string{"LICENSE_FILE=/srv/license", "DKRON_REGION=eu"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if strings.Contains(string(resp.Output), "s3cret") {
		t.Errorf("it got a secret of the agent: %q", got)
	}
}
