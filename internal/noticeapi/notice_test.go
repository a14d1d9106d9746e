package noticeapi_test

import (
	"fmt"
	"strings"
	"testing"

	"dkron"
)

func TestAFailureIsToldWithItsLaunchAndItsOutput(t *testing.T) {
	w, h := newWorld(t), newHook(t)
	w.leads()
	w.do("POST", "/v1/jobs", `{"name":"backup","displayname":"Nightly backup","schedule":"@manually","executor":"shell","owner":"ann","tags":{}}`, 201)
	c := w.object("PUT", "/v1/channels/ops", `{"type":"webhook","settings":{"url":"`+h.URL+`"}}`, 200)
	if c["revision"] != 1.0 || c["updated_by"] == "" {
		t.Errorf("%v", c)
	}
	if again := w.object("PUT", "/v1/channels/ops", `{"type":"webhook","settings":{"url":"`+h.URL+`"}}`, 200); again["revision"] != 1.0 {
		t.Errorf("written unchanged, the revision is %v", again["revision"])
	}
	w.do("PUT", "/v1/rules/backups", `{"on":["failed","recovered"],"match":{"jobs":["back*"],"owner":"ann"},"channels":["ops"],"severity":"critical","remind":"4h"}`, 200)
	launch := w.ends("backup", dkron.Failed)
	until(t, "the receiver is told", func() bool { bodies, _ := h.got(); return len(bodies) == 1 })
	bodies, ids := h.got()
	for _, want := range []string{`"title":"backup failed"`, `"severity":"critical"`, `"lines":["one","two \"quoted\""]`, `/ui/launches/` + launch, `"owner":"ann"`, "exit code 3 on n1"} {
		if !strings.Contains(bodies[0], want) {
			t.Errorf("%s is not in %s", want, bodies[0])
		}
	}
	if ids[0] != "c1/message/1" {
		t.Errorf("id %q", ids[0])
	}
	until(t, "the feed says so", func() bool { return len(w.list("/v1/messages?state=sent&channel=ops")) == 1 })
	open := w.list("/v1/alerts")
	if len(open) != 1 || open[0]["job"] != "backup" || open[0]["launch"] != launch || open[0]["displayname"] != "Nightly backup" {
		t.Fatalf("%v", open)
	}
	w.do("POST", "/v1/alerts/1/ack", `{"note":"on it"}`, 200)
	if a := w.list("/v1/alerts")[0]; a["note"] != "on it" || a["acked_at"] == nil {
		t.Errorf("%v", a)
	}
	w.ends("backup", dkron.Success)
	until(t, "it is over", func() bool {
		bodies, _ := h.got()
		return len(bodies) == 2 && strings.Contains(bodies[1], `"recovered":true`)
	})
	if open := w.list("/v1/alerts"); len(open) != 0 {
		t.Errorf("%v", open)
	}
	w.do("POST", "/v1/alerts/1/ack", "", 404)
	if m := w.object("GET", "/v1/messages/1", "", 200); m["total"] != 1.0 {
		t.Errorf("%v", m)
	}
	w.do("GET", "/v1/messages/99", "", 404)
	w.do("GET", "/v1/messages?state=lost", "", 400)
}

func TestAlertsAreListedByJob(t *testing.T) {
	w, h := newWorld(t), newHook(t)
	w.leads()
	w.do("PUT", "/v1/channels/ops", `{"type":"webhook","settings":{"url":"`+h.URL+`"}}`, 200)
	w.do("PUT", "/v1/rules/all", `{"on":["failed","recovered"],"channels":["ops"]}`, 200)
	for _, name := range []string{"a", "b", "c"} {
		w.do("POST", "/v1/jobs", `{"name":"`+name+`","schedule":"@manually","executor":"shell","tags":{}}`, 201)
		w.ends(name, dkron.Failed)
	}
	for query, want := range map[string]string{
		"": "c b a", "?job=": "c b a", "?job=a": "a", "?job=c&job=a": "c a", "?job=nosuch": "", "?job=a&job=b&_start=1&_end=2": "a",
	} {
		var jobs []string
		for _, open := range w.list("/v1/alerts" + query) {
			jobs = append(jobs, open["job"].(string))
		}
		if got := strings.Join(jobs, " "); got != want {
			t.Errorf("%q lists %q, want %q", query, got, want)
		}
	}
}

func TestAStormIsOneMessage(t *testing.T) {
	w, h := newWorld(t), newHook(t)
	w.do("PUT", "/v1/channels/ops", `{"type":"webhook","settings":{"url":"`+h.URL+`"}}`, 200)
	w.do("PUT", "/v1/rules/all", `{"on":["failed"],"channels":["ops"]}`, 200)
	for i := range 60 {
		name := fmt.Sprint("j", i)
		w.do("POST", "/v1/jobs", `{"name":"`+name+`","schedule":"@manually","executor":"shell"}`, 201)
		w.ends(name, dkron.Failed)
		w.ends(name, dkron.Failed)
	}
	w.leads()
	until(t, "it is told", func() bool { return len(w.list("/v1/messages?state=sent")) == 1 })
	m := w.list("/v1/messages")[0]
	if bodies, _ := h.got(); len(bodies) != 1 || m["total"] != 120.0 || m["more"] != 10.0 || len(m["items"].([]any)) != 50 {
		t.Errorf("%d bodies, %v", len(bodies), m)
	}
}

func TestATestOfAChannelAnswersWhatCameOfIt(t *testing.T) {
	w, h := newWorld(t), newHook(t)
	w.leads()
	w.do("PUT", "/v1/channels/ops", `{"type":"webhook","settings":{"url":"`+h.URL+`"}}`, 200)
	if m := w.object("POST", "/v1/channels/ops/test", "", 200); m["state"] != "sent" || m["test"] != true {
		t.Errorf("%v", m)
	}
	h.says(403)
	m := w.object("POST", "/v1/channels/ops/test", "", 200)
	if m["state"] != "failed" || !strings.Contains(fmt.Sprint(m["error"]), "answered 403 Forbidden") {
		t.Errorf("%v", m)
	}
	h.says(200)
	path := fmt.Sprintf("/v1/messages/%v", m["number"])
	w.do("POST", path+"/resend", "", 202)
	until(t, "it is sent again", func() bool { return w.object("GET", path, "", 200)["state"] == "sent" })
	if _, ids := h.got(); ids[1] != ids[2] || ids[0] == ids[1] {
		t.Errorf("ids %v", ids)
	}
	w.do("POST", "/v1/channels/none/test", "", 404)
	if c := w.list("/v1/channels")[0]["stat"].(map[string]any); c["sent"] != 2.0 || c["failed"] != 1.0 {
		t.Errorf("%v", c)
	}
}

// A receiver that is down gets, when it is back, what could not be told, and then one message about what happened meanwhile.
func TestABrokenReceiverHoldsBackOneMessage(t *testing.T) {
	w, h := newWorld(t), newHook(t)
	stop := w.leads()
	h.says(500)
	w.do("PUT", "/v1/channels/ops", `{"type":"webhook","settings":{"url":"`+h.URL+`"}}`, 200)
	w.do("PUT", "/v1/rules/all", `{"on":["failed"],"channels":["ops"]}`, 200)
	w.do("POST", "/v1/jobs", `{"name":"a","schedule":"@manually","executor":"shell"}`, 201)
	w.ends("a", dkron.Failed)
	until(t, "an attempt fails", func() bool { l := w.list("/v1/messages"); return len(l) == 1 && l[0]["attempts"] != 0.0 })
	for range 3 {
		w.ends("a", dkron.Failed)
	}
	stop() // the next leader goes on
	h.says(200)
	w.leads()
	until(t, "the others are told", func() bool { l := w.list("/v1/messages?state=sent"); return len(l) == 2 && l[0]["total"] == 3.0 })
	_, ids := h.got()
	for _, id := range ids[:len(ids)-1] {
		if id != ids[0] {
			t.Errorf("ids %v", ids)
		}
	}
}

func TestARuleMayLeaveItToTheJobsWhereItReports(t *testing.T) {
	w := newWorld(t)
	for range 2 { // as written, and as it was read
		if body := w.do("PUT", "/v1/rules/r", `{"on":["failed"],"channels":[]}`, 200); !strings.Contains(body, `"channels":[]`) {
			t.Error(body)
		}
	}
	if body := w.do("GET", "/v1/rules", "", 200); !strings.Contains(body, `"channels":[]`) {
		t.Error(body)
	}
}

func TestBadInputNamesTheField(t *testing.T) {
	w := newWorld(t)
	w.do("PUT", "/v1/channels/ops", `{"type":"webhook","settings":{"url":"https://x.test"}}`, 200)
	for _, c := range []struct{ method, path, body, want string }{
		{"PUT", "/v1/rules/r", `{"on":["failed","lost","faild"],"channels":["ops"]}`, `on[2] "faild" is unknown; did you mean failed?`},
		{"PUT", "/v1/rules/r", `{"on":["failed"],"channels":["ops","nope"]}`, `channels[1]: there is no channel "nope"`},
		{"PUT", "/v1/rules/r", `{"on":["failed"]}`, "channels is missing: name those to report through, or write []"},
		{"PUT", "/v1/rules/r", `{"on":["output"],"channels":["ops"]}`, "output is missing"},
		{"PUT", "/v1/rules/r", `{"on":["output"],"output":"(","channels":["ops"]}`, "output is not a regular expression (RE2)"},
		{"PUT", "/v1/rules/r", `{"on":["failed"],"longer_than":"1h","channels":["ops"]}`, "longer_than has no effect without ran_long or long_running in on"},
		{"PUT", "/v1/rules/r", `{"on":["failed"],"channels":["ops"],"remind":"1s"}`, "remind 1s is too short"},
		{"PUT", "/v1/rules/r", `{"on":["failed"],"channels":["ops"],"remind":"soon"}`, `remind "soon" is not a duration`},
		{"PUT", "/v1/rules/r", `{"on":["failed"],"channels":["ops"],"quiet":{"from":"25:00","to":"07:00"}}`, `quiet.from "25:00" is not a time of day`},
		{"PUT", "/v1/rules/r", `{"on":["failed"],"channels":["ops"],"quiet":{"from":"22:00","to":"07:00","zone":"Mars"}}`, `quiet.zone "Mars" is unknown`},
		{"PUT", "/v1/rules/r", `{"on":["failed"],"channels":["ops"],"match":{"jobs":["[a"]}}`, `match.jobs[0] "[a" is not a pattern`},
		{"PUT", "/v1/rules/r", `{"on":["failed"],"channels":["ops"],"severity":"fatal"}`, `severity "fatal" is unknown`},
		{"PUT", "/v1/rules/R R", `{"on":["failed"],"channels":["ops"]}`, `name "R R" can't be a name`},
		{"PUT", "/v1/rules/r", `{"chanels":["ops"]}`, `the field "chanels" is unknown; did you mean channels?`},
		{"PUT", "/v1/rules/r", `{"xyz":["ops"]}`, `the field "xyz" is unknown; there are name, disabled, on, match, jobs,`},
		{"PUT", "/v1/rules/r", `{"on":"failed"}`, "on: want a list, not a JSON string"},
		{"PUT", "/v1/rules/r", `{"on":["nth_failure"],"channels":["ops"]}`, "write in_a_row such as 3"},
		{"PUT", "/v1/channels/x", `{"type":"webhook","settings":{"url":7}}`, "settings: want a text, not a JSON number"},
		{"POST", "/v1/silences", `{"until":"tomorrow","reason":"x"}`, "a time in the body can't be read; write it as"},
		{"PUT", "/v1/rules/r", `{"name":"s"}`, `name "s" differs from the name in the path`},
		{"PUT", "/v1/channels/x", `{"type":"slak"}`, `type "slak" is unknown`},
		{"PUT", "/v1/channels/x", `[`, "the body is not what is expected"},
		{"POST", "/v1/silences", `{"reason":"work"}`, "until is missing"},
		{"POST", "/v1/silences", `{"duration":"2h"}`, "reason is missing"},
		{"POST", "/v1/silences", `{"until":"2020-01-01T00:00:00Z","reason":"x"}`, "is over already"},
		{"POST", "/v1/channels/ops/preview", `{"launch":"a.1"}`, "there is no job of that name"},
		{"POST", "/v1/channels/ops/preview", `{"settings":{"url":"https://x.test","body":"{{ .Nope }}"}}`, "settings.body: the template fails"},
	} {
		if text := w.do(c.method, strings.ReplaceAll(c.path, " ", "%20"), c.body, 400); !strings.Contains(text, c.want) {
			t.Errorf("%s %s: %s, want %s", c.path, c.body, text, c.want)
		}
	}
	w.do("PUT", "/v1/rules/r", `{"on":["failed"],"channels":["ops"]}`, 200)
	if text := w.do("DELETE", "/v1/channels/ops", "", 409); !strings.Contains(text, "used by the rules r;") {
		t.Error(text)
	}
	w.do("DELETE", "/v1/rules/r", "", 204)
	w.do("DELETE", "/v1/rules/r", "", 404)
	w.do("DELETE", "/v1/channels/ops", "", 204)
	w.do("GET", "/v1/channels/ops", "", 404)
}

func TestAPreviewIsOfAPastRun(t *testing.T) {
	w := newWorld(t)
	w.do("POST", "/v1/jobs", `{"name":"backup","schedule":"@manually","executor":"shell"}`, 201)
	launch := w.ends("backup", dkron.Failed)
	w.do("PUT", "/v1/channels/ops", `{"type":"webhook","settings":{"url":"https://x.test","headers":"X: ${env:NOT_HERE}"}}`, 200)
	out := w.object("POST", "/v1/channels/ops/preview", `{"launch":"`+launch+`","settings":{"url":"https://x.test","body":"{{ json (index .Items 0).Lines }}"}}`, 200)
	if out["subject"] != "backup failed" || out["body"] != `["one","two \"quoted\""]` {
		t.Errorf("%v", out)
	}
	if out = w.object("POST", "/v1/channels/other/preview", `{"type":"mail","settings":{"to":"a@b.c"}}`, 200); !strings.Contains(fmt.Sprint(out["body"]), "example failed") {
		t.Errorf("%v", out)
	}
	w.do("POST", "/v1/channels/other/preview", "", 404)
}

func TestSilencesAreListedAndEnd(t *testing.T) {
	w := newWorld(t)
	s := w.object("POST", "/v1/silences", `{"match":{"jobs":["a"]},"duration":"2h","reason":"maintenance"}`, 201)
	if s["number"] != 1.0 || s["until"] == nil || s["created_by"] == "" {
		t.Errorf("%v", s)
	}
	if e := w.object("DELETE", "/v1/silences/1", "", 200); e["ended_by"] == "" {
		t.Errorf("%v", e)
	}
	if l := w.list("/v1/silences"); len(l) != 1 || l[0]["reason"] != "maintenance" {
		t.Errorf("%v", l)
	}
	w.do("GET", "/v1/silences/1", "", 200)
	w.do("GET", "/v1/silences/2", "", 404)
	w.do("GET", "/v1/silences/x", "", 400)
}

func TestAJobIsRunForAMessage(t *testing.T) {
	w := newWorld(t)
	w.leads()
	for _, name := range []string{"a", "tell"} {
		w.do("POST", "/v1/jobs", `{"name":"`+name+`","schedule":"@manually","executor":"shell"}`, 201)
	}
	w.do("PUT", "/v1/channels/team", `{"type":"job","settings":{"job":"tell"}}`, 200)
	w.do("PUT", "/v1/rules/all", `{"on":["failed"],"match":{"jobs":["a"]},"channels":["team"]}`, 200)
	w.ends("a", dkron.Failed)
	until(t, "the job runs", func() bool { return len(w.list("/v1/messages?state=sent")) == 1 })
	if launches := w.do("GET", "/v1/jobs/tell/launches", "", 200); !strings.Contains(launches, `"DKRON_MESSAGE_ID":"c1/message/1"`) && !strings.Contains(launches, `"cause":"manual"`) {
		t.Error(launches)
	}
	if types := w.list("/v1/channel-types"); len(types) != 7 {
		t.Errorf("%v", types)
	}
	w.do("GET", "/v1/rules", "", 200)
	w.do("GET", "/v1/rules/all", "", 200)
}
