package standing

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"dkron"
	"dkron/internal/roster"
)

func TestNodesAreListedWithTheLoadThatIsKnown(t *testing.T) {
	at := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	members := []roster.Member{
		{Name: "web", Status: roster.Alive, Tags: map[string]string{"region": "r"}},
		{Name: "far", Status: roster.Alive, Tags: map[string]string{"region": "other"}},
		{Name: "gone", Status: roster.Failed, Tags: map[string]string{"region": "r"}},
		{Name: "new", Status: roster.Alive, Tags: map[string]string{"region": "r"}},
	}
	got := newNodes(members, "r", []dkron.NodeLoad{
		{
			Node: "web", At: at, CPUs: 4000, CPU: 3700, MemoryTotal: 100, MemoryUsed: 40, Averages: []uint64{1500, 1000, 250},
			Running: 7, Waiting: 2, MaxRunning: 7, High: []dkron.High{{What: dkron.HighCPU, Since: at}},
		},
		{Node: "far", At: at}, {Node: "new", At: at, Running: 1},
	})
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"name":"far","region":"other","status":"alive","server":false,"load":null},` +
		`{"name":"gone","region":"r","status":"failed","server":false,"load":null},` +
		`{"name":"new","region":"r","status":"alive","server":false,"load":{"measured_at":"2026-11-29T03:00:00Z","running":1,"waiting":0,` +
		`"max_running":null,"cpus":null,"cpu_percent":null,"memory_used":null,"memory_total":null,"load_1":null,"load_5":null,"load_15":null,"high":[]}},` +
		`{"name":"web","region":"r","status":"alive","server":false,"load":{"measured_at":"2026-11-29T03:00:00Z","running":7,"waiting":2,` +
		`"max_running":7,"cpus":4,"cpu_percent":92.5,"memory_used":40,"memory_total":100,"load_1":1.5,"load_5":1,"load_15":0.25,` +
		`"high":[{"what":"cpu","since":"2026-11-29T03:00:00Z"}]}}]`
	if string(text) != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func (w *world) NodeLoads(context.Context) ([]dkron.NodeLoad, error) { return nil, dkron.ErrNoLeader }
