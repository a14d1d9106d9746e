package httpserver

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
)

func TestABodyIsReadAsFarAsItIsNotTooDeep(t *testing.T) {
	nest := func(open, inner, end string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	for name, c := range map[string]struct {
		text string
		deep bool
	}{
		"flat":                  {`{"a":[1,2],"b":{}}`, false},
		"as deep as it may be":  {nest("[", "1", "]", MaxDepth), false},
		"one deeper":            {nest("[", "1", "]", MaxDepth+1), true},
		"objects":               {nest(`{"a":`, "1", "}", MaxDepth+1), true},
		"very deep, unfinished": {strings.Repeat("[", 1<<20), true},
		"wide":                  {"[" + strings.Repeat("[],", 1000) + "[]]", false},
		"in a text":             {`{"a":"` + strings.Repeat("[{", 1000) + `"}`, false},
		"after a quote in text": {`{"a":"\"` + strings.Repeat("[", 1000) + `"}`, false},
		"after an escaped \\":   {`{"a":"\\","b":` + nest("[", "1", "]", MaxDepth) + `}`, true},
	} {
		for _, one := range []bool{false, true} {
			var body io.Reader = strings.NewReader(c.text)
			if one {
				body = iotest.OneByteReader(body)
			}
			r := httptest.NewRequest("POST", "/", body)
			deep := LimitDepth(r)
			got, err := io.ReadAll(r.Body)
			if deep() != c.deep || c.deep != errors.Is(err, ErrDeep) || !c.deep && string(got) != c.text {
				t.Errorf("%s: %d of %d bytes, %v", name, len(got), len(c.text), err)
			}
			if c.deep && len(got) > 400 {
				t.Errorf("%s: %d bytes are read of it", name, len(got))
			}
		}
	}
}
