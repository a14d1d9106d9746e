package httpapi

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/limit"
	"dkron/internal/respond"
)

// askFrom sends a request from an address.
func (s *server) askFrom(address, path string) *httptest.ResponseRecorder {
	r, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
	r.RemoteAddr = address + ":4711"
	s.handler.ServeHTTP(w, r)
	return w
}

func TestAClientThatAsksTooOftenHasToWait(t *testing.T) {
	rates := limit.NewRates(1)
	s := newServer(t, func(c *Config) { c.Rates = rates })
	for range rates.Burst() {
		if w := s.askFrom("192.0.2.1", "/v1/jobs"); w.Code != 200 {
			t.Fatalf("within the burst: %d %s", w.Code, w.Body)
		}
	}
	w := s.askFrom("192.0.2.1", "/v1/jobs")
	if after, _ := strconv.Atoi(w.Header().Get("Retry-After")); w.Code != 429 || after != 1 || !strings.Contains(w.Body.String(), "1 times a second") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if rates.Refused() != 1 {
		t.Errorf("%d are counted", rates.Refused())
	}
	if w := s.askFrom("192.0.2.2", "/v1/jobs"); w.Code != 200 {
		t.Errorf("another client: %d", w.Code)
	}
	for _, path := range []string{"/health", "/ready"} {
		if w := s.askFrom("192.0.2.1", path); w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	r := httptest.NewRequest("GET", eventsPath, nil)
	r.RemoteAddr = "192.0.2.1:4711"
	if err := s.api.limitRate(httptest.NewRecorder(), r, true); err != nil {
		t.Errorf("a stream: %v", err)
	}
}

func TestATokenIsOneClientFromAllItsAddresses(t *testing.T) {
	rates := limit.NewRates(1)
	s := newServer(t, func(c *Config) {
		c.Rates = rates
		c.Gate = func(_ http.ResponseWriter, r *http.Request) (*http.Request, func(), error) {
			who := r.URL.Query().Get("as")
			if who == "" {
				return nil, nil, respond.Refuse(http.StatusUnauthorized, "who are you?")
			}
			i := &access.Identity{How: dkron.ProofToken, Token: dkron.Token{Accessor: who}}
			return r.WithContext(access.With(r.Context(), i)), func() {}, nil
		}
	})
	for i := range rates.Burst() {
		s.askFrom("192.0.2."+strconv.Itoa(i), "/v1/isleader?as=a")
	}
	if w := s.askFrom("192.0.2.200", "/v1/isleader?as=a"); w.Code != 429 {
		t.Errorf("from one more address: %d", w.Code)
	}
	if w := s.askFrom("192.0.2.1", "/v1/isleader?as=b"); w.Code != 200 {
		t.Errorf("another token: %d", w.Code)
	}
	for range rates.Burst() {
		if w := s.askFrom("192.0.2.1", "/v1/isleader"); w.Code != 401 {
			t.Fatalf("nobody: %d", w.Code)
		}
	}
	if w := s.askFrom("192.0.2.1", "/v1/isleader"); w.Code != 429 {
		t.Errorf("who has no token is not limited by its address: %d", w.Code)
	}
}

func TestABodyThatIsNestedTooDeeplyIsRefused(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@manually","executor":"shell","executor_config":{"command":"true"}}`)
	deep := strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65)
	const want = "the body is nested deeper than 64 levels of objects and arrays"
	for _, op := range []string{
		"POST /v1/jobs", "PUT /v1/jobs/a", "POST /v1/preview", "POST /v1/restore", "POST /v1/jobs/a/launches", "PUT /v1/settings",
		"POST /v1/checkins/a", "PUT /v1/channels/c", "PUT /v1/rules/r", "POST /v1/silences",
	} {
		method, path, _ := strings.Cut(op, " ")
		body := deep
		if path == "/v1/restore" {
			body = "[" + deep + "]"
		}
		s.do(method, path, body, header{"Content-Type", "application/json"}).want(400).wantBody(want)
	}
	form := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"jobs.json\"\r\n\r\n[" + deep + "]\r\n--x--\r\n"
	s.do("POST", "/v1/restore", form, header{"Content-Type", "multipart/form-data; boundary=x"}).want(400).wantBody(want)
	yaml := "- name: b\n  executor_config: " + strings.Repeat("[", 65) + strings.Repeat("]", 65) + "\n"
	if a := s.do("POST", "/v1/restore", yaml, header{"Content-Type", "application/yaml"}).want(400); !strings.Contains(a.body, "too large or too deep") {
		t.Errorf("YAML: %s", a.body)
	}
	bomb := "a0: &a0 [xxxxxxxxxx]\n"
	for i := range 30 {
		n := strconv.Itoa(i)
		bomb += "a" + strconv.Itoa(i+1) + ": &a" + strconv.Itoa(i+1) + " [*a" + n + ", *a" + n + ", *a" + n + "]\n"
	}
	if a := s.do("POST", "/v1/restore", bomb, header{"Content-Type", "application/yaml"}).want(400); !strings.Contains(a.body, "too large or too deep") {
		t.Errorf("YAML with aliases: %s", a.body)
	}
	text := strings.Repeat("[", 1000) // the output of a command
	s.create(`{"name":"c","schedule":"@manually","executor":"checkin"}`)
	s.do("POST", "/v1/checkins/c", text, header{"Content-Type", "text/plain"}).want(201)
}
