package httpapi

import (
	"testing"
	"time"
)

func TestObjectivesAreListedWorstFirst(t *testing.T) {
	s := newServer(t)
	now := noon
	s.api.now = func() time.Time { return now }
	s.create(`{"name":"a","displayname":"Nightly backup","schedule":"@manually","owner":"ann","objectives":{"max_silence":"1h"}}`)
	s.create(`{"name":"b","schedule":"@manually","objectives":{"max_silence":"24h","expected_duration":"5m"}}`)
	s.create(`{"name":"c","schedule":"@manually"}`)
	s.create(`{"name":"d","schedule":"@manually","disabled":true,"objectives":{"max_silence":"1s"}}`)
	now = time.Now().Add(2 * time.Hour)
	all := s.get("/v1/objectives").want(200).wantHeader("X-Total-Count", "3")
	all.wantPart(`[{"job":"a","displayname":"Nightly backup","owner":"ann","objective":"max_silence","expected":"1h0m0s","state":"broken","since":"`)
	all.wantPart(`"breaks_at":null,"reason":"it has never succeeded"},{"job":"b","displayname":"","owner":"","objective":"expected_duration","expected":"5m0s","state":"unknown","since":null,"breaks_at":null,"reason":"it has not succeeded yet"},{`)
	s.get("/v1/objectives?state=broken&state=at_risk").want(200).wantHeader("X-Total-Count", "1")
	s.get("/v1/objectives?owner=ann&state=met").want(200).wantBody("[]")
	s.get("/v1/objectives?_start=1&_end=2").want(200).wantHeader("X-Total-Count", "3").wantPart(`[{"job":"b"`)
	s.get("/v1/objectives?job=c").want(200).wantBody("[]")
	s.get("/v1/objectives?state=bad").want(400).wantPart(`state must be one of broken, at_risk, met, unknown, not "bad"`)
	s.get("/v1/jobs/a").want(200).wantPart(`"objectives":{"max_silence":"1h0m0s"}`)
	s.do("PATCH", "/v1/jobs", `{"name":"a","schedule":"@manually","executor":"shell","objectives":null}`).want(201)
	s.get("/v1/objectives?job=a").want(200).wantBody("[]")
}

func TestObjectivesThatCantBeMeantAreRefused(t *testing.T) {
	s := newServer(t)
	for objectives, want := range map[string]string{
		`{"deadline":"6 o'clock"}`:        `objectives.deadline: "o'clock" is no time of day; write HH:MM from 00:00 to 23:59; for a time after each due time write "+2h"`,
		`{"deadline":"+soon"}`:            `objectives.deadline: "+soon" is no duration such as "+2h"`,
		`{"deadline":"+10ms"}`:            `objectives.deadline must be from 1s to 8784h, not 10ms`,
		`{"max_silence":"0.5s"}`:          `objectives.max_silence must be from 1s to 8784h, not 500ms`,
		`{"max_lateness":"-1m"}`:          `objectives.max_lateness must be from 1s to 8784h, not -1m0s`,
		`{"expected_duration":"9000h"}`:   `objectives.expected_duration must be from 1s to 8784h, not 9000h0m0s`,
		`{"expected_duration":"an hour"}`: `objectives.expected_duration must be a duration such as "90s" or "1h30m", not "an hour"`,
		`{"max_silence":"0s"}`:            `objectives.max_silence must be from 1s to 8784h, not 0s`,
		`{"max_silence":26}`:              `objectives.max_silence must be a duration such as`,
		`"06:00"`:                         `objectives must be an object, not`,
	} {
		s.do("POST", "/v1/jobs", `{"name":"x","schedule":"@manually","executor":"shell","objectives":`+objectives+`}`).want(400).wantPart(want)
	}
	s.get("/v1/jobs/x").want(404)
	s.do("POST", "/v1/jobs", `{"name":"x","schedule":"@manually","executor":"shell","objectives":{"max_silense":"1h"}}`).want(201).
		wantWarnings("unknown fields ignored: objectives.max_silense")
}
