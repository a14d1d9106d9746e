//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"dkron/plugins/internal/plugintest"
)

// The jobs of the guide's page of fluent send records from a real process; only the address is another.
func TestExamplesOfTheFluentPageSendRecordsFromAPluginsProcess(t *testing.T) {
	got := make(chan string, 1)
	address := plugintest.Hostile(t, plugintest.Briefly(func(c net.Conn) {
		in := msgp.NewReader(c)
		var all []any
		if v, err := in.ReadIntf(); err == nil {
			all, _ = v.([]any)
		}
		if len(all) != 4 {
			got <- fmt.Sprintf("%d parts", len(all))
			return
		}
		got <- fmt.Sprint(all[0], " ", all[2].(map[string]any)["message"])
		chunk := all[3].(map[string]any)["chunk"].(string)
		_, _ = c.Write(msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(nil, 1), "ack"), chunk))
	}))
	page, err := os.ReadFile(filepath.Join("..", "docs", "guide", "processor-fluent.md"))
	if err != nil {
		t.Fatal(err)
	}
	jobs := example.FindAllSubmatch(page, -1)
	if len(jobs) == 0 {
		t.Fatal("the page has no example")
	}
	p := startedAs(t, "dkron-processor-fluent").Processors()["fluent"]
	for _, m := range jobs {
		var j struct {
			Processors map[string]map[string]string `json:"processors"`
		}
		if err := json.Unmarshal(m[1], &j); err != nil || j.Processors["fluent"] == nil {
			t.Fatalf("%v: %s", err, m[1])
		}
		config := j.Processors["fluent"]
		config["host"], config["port"], _ = net.SplitHostPort(address)
		resp, err := p.Process(t.Context(), plugintest.Result(config, "hello"))
		if err != nil || string(resp.Output) != "Output sent to Fluent" {
			t.Errorf("%+v, %v", resp, err)
		}
		if text := <-got; text != config["tag"]+" hello" {
			t.Errorf("it received %q", text)
		}
	}
}
