package httpapi

import "testing"

const defaultSettings = `{"history":{"count":100,"age":"0s","bytes":0,"total_bytes":4294967296}}`

func TestSettingsAreReplacedAsAWhole(t *testing.T) {
	s := newServer(t)
	s.get("/v1/settings").want(200).wantBody(defaultSettings)
	const mine = `{"history":{"count":7,"age":"720h0m0s","bytes":1000,"total_bytes":0}}`
	s.do("PUT", "/v1/settings", `{"HISTORY":{"count":7,"age":"720h","bytes":1000,"Total_Bytes":0}}`).want(200).wantBody(mine).wantHeader("Warning", "")
	s.get("/v1/settings").want(200).wantBody(mine)
	s.do("PUT", "/v1/settings", mine).want(200).wantBody(mine)
	s.do("PUT", "/v1/settings", `{"history":{"bytes":5,"x":1},"y":2}`).want(200).
		wantBody(`{"history":{"count":100,"age":"0s","bytes":5,"total_bytes":4294967296}}`).
		wantHeader("Warning", `299 dkron "unknown fields ignored: history.x, y"`)
	s.do("PUT", "/v1/settings", `{"history":{"bytes":5},"history":null}`).want(200).wantBody(defaultSettings)
	s.do("PUT", "/v1/settings", `{}`).want(200)
	s.get("/v1/settings").want(200).wantBody(defaultSettings)
	s.do("POST", "/v1/settings", `{}`).want(405).wantHeader("Allow", "GET, HEAD, OPTIONS, PUT")
}

func TestSettingsThatAreWrongChangeNothing(t *testing.T) {
	s := newServer(t)
	for body, want := range map[string]string{
		``:                                `Unable to parse payload: EOF.`,
		`[]`:                              `Unable to parse payload: the body must be an object, not an array.`,
		`{"history":5}`:                   `Unable to parse payload: history must be an object, not 5.`,
		`{"history":{"count":-1}}`:        `Unable to parse payload: history.count must be a whole number, 0 or more, not -1.`,
		`{"history":{"count":0}}`:         `history.count must be at least 1`,
		`{"history":{"count":2000000}}`:   `invalid history.count 2000000, use at most 1000000`,
		`{"history":{"age":"7d"}}`:        `Unable to parse payload: history.age must be a duration such as "90s" or "1h30m", not "7d".`,
		`{"history":{"age":"-1h"}}`:       `invalid history.age -1h0m0s, must not be negative`,
		`{"history":{"bytes":"5"}}`:       `Unable to parse payload: history.bytes must be a whole number, 0 or more, not the string "5".`,
		`{"history":{"total_bytes":1.5}}`: `Unable to parse payload: history.total_bytes must be a whole number, 0 or more, not 1.5.`,
	} {
		s.do("PUT", "/v1/settings", body).want(400).wantBody(want)
		s.get("/v1/settings").want(200).wantBody(defaultSettings)
	}
}

func TestRetentionFollowsTheSettings(t *testing.T) {
	s := newRunServer(t)
	s.ran("a", noon, done("1"), done("2"), done("3"))
	s.do("PUT", "/v1/settings", `{"history":{"count":2}}`).want(200)
	if got := s.get("/v1/jobs/a/executions").each("output", 2); got != "3 2" {
		t.Error(got)
	}
}
