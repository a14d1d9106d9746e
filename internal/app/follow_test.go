package app

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
)

func TestOutputIsFollowedFromEndToEnd(t *testing.T) {
	url := startServer(t)
	events, err := http.Get(url + "/v1/events?job=a")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	post(url+"/v1/jobs", `{"name":"a","schedule":"@manually","executor":"shell","executor_config":{"shell":"true","command":"echo one; sleep 0.7; echo two; exit 4"}}`)
	post(url+"/v1/jobs/a/run", "")
	var execution string
	lines := bufio.NewScanner(events.Body)
	for execution == "" && lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), `"execution_id":"`); ok {
			execution, _, _ = strings.Cut(rest, `"`)
		}
	}
	_, stream := get(url + "/v1/jobs/a/executions/" + execution + "/output?follow")
	for _, want := range []string{"id: 4\nevent: output\ndata: \"one\\n\"\n", "id: 8\nevent: output\ndata: \"two\\n\"\n", "event: end\ndata: {", `"error":"exit status 4"`} {
		if !strings.Contains(stream, want) {
			t.Errorf("%q is not in %q", want, stream)
		}
	}
	if code, text := get(url + "/v1/jobs/a/executions/" + execution + "/output"); code != 200 || text != "exit status 4\none\ntwo\n" {
		t.Error(code, text)
	}
	for lines.Scan() && lines.Text() != "event: launch.ended" {
	}
	if lines.Err() != nil {
		t.Error(lines.Err())
	}
}
