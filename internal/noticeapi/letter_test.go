package noticeapi_test

import (
	"fmt"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/state"
)

// letter keeps a dead letter of a job's end, or of its start.
func (w *world) letter(kind dkron.DeliveryKind, job, channel string) {
	w.t.Helper()
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	w.log.index++
	err := w.store.Update(w.log.index, func(tx *state.Tx) error {
		e := &dkron.Execution{JobName: job, NodeName: "n1", Group: 5, Outcome: dkron.Failed, Error: "exit code 1"}
		return tx.AddLetter(&dkron.Delivery{Kind: kind, Job: job, Copy: e, At: tx.Clock()}, channel, "it answered 503")
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestWhatTheSettingsCouldNotSendIsInTheFeed(t *testing.T) {
	w := newWorld(t)
	w.letter(dkron.DeliverEnd, "a", dkron.ChannelWebhook)
	w.letter(dkron.DeliverStart, "b", dkron.ChannelCronitor)
	all := w.list("/v1/messages?state=failed")
	if len(all) != 2 || all[0]["setting"] != "cronitor-endpoint" || all[0]["resendable"] != false || all[1]["setting"] != "webhook-endpoint" ||
		all[1]["resendable"] != true || all[1]["error"] != "it answered 503" {
		t.Fatalf("%v", all)
	}
	if is := w.list("/v1/messages?channel=settings:webhook"); len(is) != 1 || is[0]["number"] != 1.0 {
		t.Errorf("%v", is)
	}
	if m := w.object("GET", "/v1/messages/1", "", 200); m["items"].([]any)[0].(map[string]any)["title"] != "a failed" {
		t.Errorf("%v", m)
	}
	if text := w.do("POST", "/v1/messages/1/resend", "", 409); !strings.Contains(text, "webhook-endpoint") { // the settings here have none
		t.Error(text)
	}
	if text := w.do("POST", "/v1/messages/2/resend", "", 409); !strings.Contains(text, "cronitor-endpoint") {
		t.Error(text)
	}
	w.do("PUT", "/v1/channels/settings:webhook", `{"type":"webhook","settings":{"url":"http://x"}}`, 400)
}

func TestAMessageSaysWhatPeopleHaveDoneSince(t *testing.T) {
	w, h := newWorld(t), newHook(t)
	w.leads()
	w.do("PUT", "/v1/channels/ops", `{"type":"webhook","settings":{"url":"`+h.URL+`"}}`, 200)
	w.do("PUT", "/v1/rules/all", `{"on":["failed","recovered"],"channels":["ops"]}`, 200)
	w.do("POST", "/v1/jobs", `{"name":"a","schedule":"@manually","executor":"shell","owner":"ann"}`, 201)
	w.ends("a", dkron.Failed)
	until(t, "it is sent", func() bool { return len(w.list("/v1/messages?state=sent")) == 1 })
	item := func() map[string]any {
		of := w.object("GET", "/v1/messages/1", "", 200)["items"].([]any)[0].(map[string]any)
		if listed := w.list("/v1/messages")[0]["items"].([]any)[0]; fmt.Sprint(listed) != fmt.Sprint(of) {
			t.Errorf("the list has %v, the detail %v", listed, of)
		}
		return of
	}
	if is := item(); is["acked_at"] != nil || is["silenced"] != nil {
		t.Errorf("%v", is)
	}
	w.do("POST", "/v1/alerts/1/ack", `{"note":"on it"}`, 200)
	w.do("POST", "/v1/silences", `{"match":{"owner":"bob"},"duration":"1h","reason":"others"}`, 201)
	w.do("POST", "/v1/silences", `{"match":{"owner":"ann"},"duration":"1h","reason":"the disk is replaced"}`, 201)
	is := item()
	if is["note"] != "on it" || is["acked_at"] == nil {
		t.Errorf("%v", is)
	}
	if s, _ := is["silenced"].(map[string]any); s == nil || s["reason"] != "the disk is replaced" || s["at"] == nil || s["until"] == nil {
		t.Errorf("%v", is)
	}
}
