package noticeapi_test

import (
	"regexp"
	"strings"
	"testing"

	"dkron/internal/noticeapi"
)

// Whoever reads a 404 learns what does not exist, whichever endpoint it is of.
func TestEachAnswerAboutWhatDoesNotExistNamesIt(t *testing.T) {
	w := newWorld(t)
	for _, rt := range noticeapi.Routes(noticeapi.Config{}) {
		part := regexp.MustCompile(`\{[a-z]+\}`)
		name := "nowhere"
		if strings.Contains(rt.Path, "{number}") {
			name = "4711"
		}
		if !part.MatchString(rt.Path) {
			continue
		}
		for method := range rt.Methods {
			if method == "PUT" { // makes it
				continue
			}
			list, _, _ := strings.Cut(rt.Path, "/{")
			if text := w.do(method, part.ReplaceAllString(rt.Path, name), "", 404); !strings.Contains(text, name) || !strings.Contains(text, "GET "+list) {
				t.Errorf("%s %s: %q", method, rt.Path, text)
			}
		}
	}
}
