package cluster

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"time"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// breeder is a plugin that starts processes which ignore every request to end.
type breeder struct{}

// breed has what it starts: a member of the plugin's group with a child, the leader of a session, and one that has neither
// parent nor environment.
var breed = []string{
	`trap "" TERM HUP INT; sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' "$0"; :`,
	`exec setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' "$0"`,
	`env -i setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' "$0" & exit`,
}

// perPlugin is how many processes have the mark then.
const perPlugin = 4

func (breeder) Execute(ctx context.Context, r *plugin.ExecuteRequest, _ plugin.Status) (*plugin.ExecuteResponse, error) {
	switch r.Config["do"] {
	case "pid":
		return &plugin.ExecuteResponse{Output: []byte(strconv.Itoa(os.Getpid()))}, nil
	case "time out":
		limited, cancel := keys.Limit(ctx, 100*time.Millisecond)
		defer cancel()
		<-limited.Done()
		return keys.Failed(limited, 100*time.Millisecond, "waiting", nil), nil
	}
	for _, script := range breed {
		if err := exec.Command("sh", "-c", script, r.Config["mark"]).Start(); err != nil {
			return nil, err
		}
	}
	if r.Config["do"] == "ignore" {
		select {}
	}
	<-ctx.Done()
	return &plugin.ExecuteResponse{}, nil
}
