package respond

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"dkron"
)

// v4's endpoints answer what does not exist without a text, and those of jobs and launches that came later do as they do. A plugin's
// restart says why itself.
var textless = []string{"/v1/jobs/", "/v1/launches/", "/v1/nodes/", "/v1/checkins/", "/docs/"}

func TestEveryEndpointOfSomethingNamedSaysWhatDoesNotExist(t *testing.T) {
	text, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	part, n := regexp.MustCompile(`\{[a-z]+\}`), 0
	for _, found := range regexp.MustCompile(`(?m)^  (/[^:]*\{[^:]*):`).FindAllSubmatch(text, -1) {
		path := string(found[1])
		if hasAny(path, textless) {
			continue
		}
		n++
		mux, w := http.NewServeMux(), httptest.NewRecorder()
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { Fail(w, r, dkron.ErrNotFound, slog.Default()) })
		mux.ServeHTTP(w, httptest.NewRequest("GET", part.ReplaceAllString(path, "4711"), nil))
		list, _, _ := strings.Cut(path, "/{")
		if is := w.Body.String(); w.Code != 404 || !strings.Contains(is, `"4711"`) || !strings.HasSuffix(is, "GET "+list+" lists them") {
			t.Errorf("%s: %d %q; add it to missing", path, w.Code, is)
		}
	}
	if n != len(missing) {
		t.Errorf("%d endpoints, but missing has %d", n, len(missing))
	}
}

func hasAny(path string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}
